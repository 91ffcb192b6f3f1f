import EbbEngine
import EbbInventory
import EbbLocal
import EbbModel
import EbbTransport

/// The step `run`: a command of the user's own, on the hosts or on the controller.
struct PlayRun: Sendable {
    let fleet: Fleet
    let options: GlobalOptions
    let command: Playbook.Command
    let isCheck: Bool

    func run(_ hosts: [HostSettings]) async throws -> [PlayReport.Host] {
        if isCheck, !command.isReadOnly {
            let place = command.place == .controller ? " on the controller" : ""
            return hosts.map {
                PlayReport.Host($0.host, .skipped, "would run\(place): \(command.line)")
            }
        }
        switch command.place {
        case .hosts:
            let engine = try await fleet.engine()
            let request = CommandRequest(
                RemoteCommand("sh", "-c", command.line), timeout: .seconds(command.timeout))
            return await fanOut(over: hosts, limit: options.parallel) { settings in
                judged(await CommandAnswer(asking: settings, request, engine))
            }
        case .controller:
            // Once, not once for each host; the hosts are named in its environment.
            let names = hosts.map(\.host.text).joined(separator: " ")
            let program = Program(
                "/bin/sh", ["-c", command.line], variables: ["EBB_HOSTS": names],
                limit: .seconds(command.timeout))
            do throws(ProgramFailure) {
                let ended = try await program.run()
                let outcome: Outcome = ended.isSuccess ? .ok : .failed
                return hosts.map { PlayReport.Host($0.host, outcome, ended.sentence) }
            } catch {
                return hosts.map { PlayReport.Host($0.host, .failed, error.message) }
            }
        }
    }

    private func judged(_ answer: CommandAnswer) -> PlayReport.Host {
        guard let output = answer.output else {
            return PlayReport.Host(answer.host, answer.outcome, answer.error?.message ?? "")
        }
        let isGood = output.end.isSuccess
        let bytes = isGood ? output.standardOutput : output.standardError
        let last = PrintableText.block(bytes).split(separator: "\n").last.map(String.init) ?? ""
        let outcome: Outcome = isGood ? (command.isReadOnly ? .ok : .changed) : .failed
        let status =
            switch output.end {
            case .exited(0): ""
            case .exited(let code): "exit status \(code)"
            case .signalled(let name): "killed by SIG\(name)"
            }
        let parts = [status, String(last.prefix(200))].filter { !$0.isEmpty }
        return PlayReport.Host(answer.host, outcome, parts.joined(separator: ": "))
    }
}
