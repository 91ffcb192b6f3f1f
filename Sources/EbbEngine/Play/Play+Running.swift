import EbbInventory
import EbbLocal
import EbbModel
import EbbReport
import EbbTransport

/// The steps that run commands.
extension Play {
    /// The step `run`: a command of the user's own, on the hosts or on the controller.
    func run(_ command: Playbook.Command, _ hosts: [HostSettings]) async -> [PlayReport.Host] {
        if isCheck, !command.isReadOnly {
            let place = command.place == .controller ? " on the controller" : ""
            return hosts.map { PlayReport.Host($0.host, .skipped, "would run\(place): \(command.line)") }
        }
        switch command.place {
        case .hosts:
            let request = CommandRequest(RemoteCommand("sh", "-c", command.line), timeout: .seconds(command.timeout))
            return await fanOut(over: hosts, limit: engine.limits.parallel) { settings in
                let answer = await engine.run(request, on: settings)
                return PlayReport.Host(
                    settings.host, answer.outcome == .ok && !command.isReadOnly ? .changed : answer.outcome,
                    answer.sentence)
            }
        case .controller:
            // Once, not once for each host; the hosts are named in its environment.
            let names = hosts.map(\.host.text).joined(separator: " ")
            let program = Program(
                "/bin/sh", ["-c", command.line], variables: ["EBB_HOSTS": names], limit: .seconds(command.timeout))
            do throws(ProgramFailure) {
                let ended = try await program.run()
                let outcome: Outcome = ended.isSuccess ? .ok : .failed
                return hosts.map { PlayReport.Host($0.host, outcome, ended.sentence) }
            } catch { return hosts.map { PlayReport.Host($0.host, .failed, error.message) } }
        }
    }

    /// The step `onboard`: `ebb onboard HOST PHASE`, host by host.
    ///
    /// The verb is run as a process of its own, so that a playbook does exactly what a person would.
    func onboard(_ phase: Playbook.OnboardPhase, _ hosts: [HostSettings]) async -> [PlayReport.Host] {
        var results: [PlayReport.Host] = []
        for settings in hosts {
            if driver.aborts.isThrown {
                results.append(PlayReport.Host(settings.host, .failed, "interrupted before it"))
                continue
            }
            // A check observes, and plans; it goes no step further.
            let verb = isCheck ? Playbook.OnboardPhase.plan : phase
            let program = Program(
                "/proc/self/exe",
                ["onboard", settings.host.text, verb.rawValue] + surroundings.arguments
                    + (verb == .plan ? [] : ["--yes"]), limit: .seconds(3_600))
            let would = isCheck && phase != .plan ? "would \(phase.rawValue); " : ""
            do throws(ProgramFailure) {
                let ended = try await program.run()
                let outcome: Outcome =
                    switch ended.status.flatMap(ExitStatus.init(rawValue:)) {
                    case .success: verb == .plan ? .ok : .changed
                    case .incomplete: .indeterminate
                    default: .failed
                    }
                results.append(PlayReport.Host(settings.host, outcome, would + ended.sentence))
            } catch {
                // A step that was begun may have gone on: what became of it, nobody knows.
                let outcome: Outcome = error.code == .late ? .indeterminate : .failed
                results.append(PlayReport.Host(settings.host, outcome, error.message))
            }
        }
        return results
    }
}
