import EbbModel
import EbbPlan
import EbbProbe
import EbbTransport

/// The attempt's lease on its host, by which controllers that share no database notice each other.
extension AttemptRunner {
    /// Takes the lease; an end when somebody else has it, or when nobody can tell.
    func takeLease() async -> AttemptEnd? {
        let probe = ProbeScript.Probe(name: "lease", shell: LeaseShell.take(owner: lease))
        do throws(TransportError) {
            let answer = try await engine.ask(settings, [probe], timeout: .seconds(60))
            let result = answer.report.results["lease"]
            let owner = PrintableText.line(
                String(decoding: result?.output ?? [], as: UTF8.self).split(separator: "\n").first
                    .map(String.init) ?? "")
            if owner == lease { return nil }
            if owner.isEmpty {
                let said = ProbeResult.message(result?.standardError ?? [])
                return AttemptEnd(.canaryFailed, "no lease could be taken on it: \(said)")
            }
            return AttemptEnd(
                .heldElsewhere,
                "it is held by \(owner); if that controller is gone for good, remove "
                    + "\(LeaseShell.path) on the host")
        } catch {
            return settings.notHeard(error)
        }
    }

    /// Gives the lease back; a host that does not answer has none, or loses it with its boot.
    func releaseLease() async {
        let probe = ProbeScript.Probe(name: "lease", shell: LeaseShell.release(owner: lease))
        _ = try? await engine.ask(settings, [probe], timeout: .seconds(30))
    }
}
