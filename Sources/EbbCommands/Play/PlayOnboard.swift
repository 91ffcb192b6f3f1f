import EbbInventory
import EbbLocal
import EbbModel

/// The step `onboard`: `ebb onboard HOST PHASE`, host by host.
///
/// The verb is run as a process of its own, so that a playbook does exactly what a person would.
struct PlayOnboard: Sendable {
    let options: GlobalOptions
    let phase: Playbook.OnboardPhase
    let isCheck: Bool

    func run(_ hosts: [HostSettings]) async throws -> [PlayReport.Host] {
        var results: [PlayReport.Host] = []
        for settings in hosts {
            // A check looks, and plans; it goes no step further.
            let verb = isCheck ? Playbook.OnboardPhase.plan : phase
            var arguments = [
                "onboard", settings.host.text, verb.rawValue, "--inventory",
                options.inventoryPath, "--database", options.databasePath,
            ]
            if verb != .plan { arguments.append("--yes") }
            let program = Program("/proc/self/exe", arguments, limit: .seconds(3_600))
            do throws(ProgramFailure) {
                results.append(judged(try await program.run(), settings.host))
            } catch {
                // A step that was begun may have gone on: what became of it, nobody knows.
                let outcome: Outcome = error.code == .late ? .indeterminate : .failed
                results.append(PlayReport.Host(settings.host, outcome, error.message))
            }
        }
        return results
    }

    private func judged(_ ended: ProgramEnd, _ host: HostName) -> PlayReport.Host {
        let wouldBe = isCheck && phase != .plan ? "would \(phase.rawValue); " : ""
        switch ended.status.flatMap(ExitStatus.init(rawValue:)) {
        case .success:
            let outcome: Outcome = isCheck || phase == .plan ? .ok : .changed
            return PlayReport.Host(host, outcome, wouldBe + ended.sentence)
        case .incomplete:
            return PlayReport.Host(host, .indeterminate, wouldBe + ended.sentence)
        default: return PlayReport.Host(host, .failed, wouldBe + ended.sentence)
        }
    }
}
