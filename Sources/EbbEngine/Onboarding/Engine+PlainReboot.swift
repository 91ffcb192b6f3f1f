import EbbModel
import EbbPlan
import EbbProbe
import EbbTransport

/// How a reboot ended that proves nothing but that the host came back.
enum PlainReboot: Sendable {
    case booted(BootID)
    case failed(String)
}

extension Engine {
    /// Reboots a host once and waits until it runs another boot.
    ///
    /// `mark` makes it happen once only, however often it is sent within one boot.
    func reboot(_ settings: HostSettings, mark: String) async -> PlainReboot {
        let old: BootID
        switch await probeBoot(settings) {
        case .answered(let boot), .restarted(let boot): old = boot
        case .silent(let words), .mute(let words), .otherHostKey(let words), .refusedLogin(let words),
            .otherMachine(let words):
            return .failed("it could not be asked before the reboot: \(words)")
        }
        let probe = ProbeScript.Probe(name: "reboot", shell: RebootShell.send(attempt: mark, expecting: old))
        do throws(TransportError) {
            let answer = try await ask(settings, [probe], timeout: .seconds(60))
            let read = RebootShell.answer(answer.report.results["reboot"]?.output ?? [])
            if case .refused(let words)? = read { return .failed(words) }
        } catch { if error.code.isBeforeCommand { return .failed(error.message) } }
        switch await awaitBoot(settings, after: old, mark: mark) {
        case .booted(let boot):
            await settle(settings)
            return .booted(boot)
        case .end(let end): return .failed(end.message)
        }
    }
}
