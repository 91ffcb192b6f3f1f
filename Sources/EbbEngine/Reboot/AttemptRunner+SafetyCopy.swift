import EbbModel
import EbbPlan
import EbbProbe
import EbbStore
import EbbTransport

/// What is kept of what a boot would erase.
extension AttemptRunner {
    /// Copies what nobody accounted for to persistent storage, if the inventory asks for it.
    ///
    /// An end when it could not be done: who asked for a copy does not want to lose what is not
    /// in it.
    func keepSafetyCopy(_ look: HostObservation) async throws(StoreError) -> AttemptEnd? {
        guard let wanted = settings.reboot.safetyCopy, let mount = settings.persist.first?.mount else { return nil }
        let copy = SafetyCopy(of: try look.entries(where: \.verdict.isAtRisk), wanted)
        var words = copy.reason.map { "\(copy.leftOut) paths were not copied: \($0)" } ?? ""
        if !copy.paths.isEmpty {
            let name = "attempt-\(attempt.value)-\(ProbeNonce.random().text.prefix(8))"
            let probe = ProbeScript.Probe(
                name: "safety-copy",
                shell: SafetyCopyShell.copy(copy.paths, name: name, mount: mount, keep: wanted.keep), limit: 280)
            do throws(TransportError) {
                let answer = try await engine.ask(settings, [probe], timeout: .seconds(300))
                let result = answer.report.results["safety-copy"]
                guard result?.status == 0 else {
                    let said = ProbeResult.message(result?.standardError ?? [])
                    return AttemptEnd(.safetyCopyFailed, "no safety copy could be made: \(said)")
                }
            } catch { return settings.notHeard(error) }
            words =
                "\(copy.paths.count) paths are kept in the safety copy \(name)" + (words.isEmpty ? "" : "; " + words)
        }
        guard !words.isEmpty else { return nil }
        try await engine.store.note(attempt, at: engine.clock.date(), detail: ["note": words], fence: fence)
        tell(.entered(host, .preflight, note: words))
        return nil
    }
}
