package import ArgumentParser
import EbbEngine
import EbbModel
import EbbReport
import EbbSSH
import EbbTransport

/// `ebb run`: one command on many hosts, equal answers shown once.
package struct RunCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs a command on hosts and shows equal outputs once.",
        discussion: """
            ebb run PATTERN -- COMMAND…: the words are passed to the host as they are; for a shell \
            line say `sh -c '…'`. Ctrl-C ends it and shows what is known. Exit status 3 when the \
            command failed somewhere, 4 when a host did not answer.
            """
    ).example("ebb run web -- uptime")

    @Argument(help: "Which hosts; an Ansible pattern.") var pattern: String

    @Argument(parsing: .postTerminator, help: "The command and its arguments.") var command: [String]

    @Flag(help: "Show each line as it arrives, behind the name of its host.") var live = false

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json, .ndjson])
        guard let program = command.first else {
            throw Failure(.usage, "there is no command", hint: "ebb run PATTERN -- COMMAND…")
        }
        guard !live || format == .table && options.output == nil else {
            throw Failure(
                .usage, "--live writes lines to standard output only",
                hint: "`--format ndjson` writes each host's answer as it arrives")
        }
        let fleet = try await Fleet.load(options, pattern: pattern, hasCatalogue: false)
        let engine = try await fleet.engine(forOneOperation: true)
        let request = CommandRequest(
            RemoteCommand(program, arguments: Array(command.dropFirst())), timeout: options.timeout.duration)
        let view = RunView(kind(format), hosts: fleet.selected.map(\.host))
        let report = await ask(fleet.selected, request, engine, view)
        view.end()
        try show(report, as: format)
        try report.exitStatus.leave()
    }

    private func kind(_ format: OutputFormat) -> RunView.Kind {
        if live { return .lines }
        if format == .ndjson, options.output == nil { return .records }
        return Terminal.error.isTerminal && !options.quiet ? .count : .nothing
    }

    /// Asks all hosts until they have answered, or somebody has had enough.
    private func ask(_ hosts: [HostSettings], _ request: CommandRequest, _ engine: Engine, _ view: RunView) async
        -> CommandReport
    {
        let interrupts = await Interrupts.trap(
            notes: options.notes, first: "interrupted; where the command has started, it may still be running",
            second: "Exiting.")
        let parallel = options.parallel
        let asking = Task {
            await SSHTransport.besideHosts {
                await fanOut(over: hosts, limit: parallel) { settings in
                    let answer = await engine.run(request, on: settings) { chunk in view.take(chunk, of: settings.host)
                    }
                    await view.note(answer)
                    return answer
                }
            }
        }
        let watching = Task {
            for await _ in interrupts.stream() {
                asking.cancel()
                return
            }
        }
        let answers = await asking.value
        watching.cancel()
        return CommandReport(answers: answers, isInterrupted: asking.isCancelled)
    }

    private func show(_ report: CommandReport, as format: OutputFormat) throws {
        switch format {
        case .json: try options.results.write(report.json)
        case .ndjson:
            guard options.output != nil else { return }
            let lines = report.answers.map { JSONText.line($0.record) + "\n" }
            try options.results.write(lines.joined())
        default:
            if live {
                let color = Terminal.error.wantsColor(options.color)
                Terminal.error.write(report.endings(color: color))
            } else {
                try options.results.write(report.text(color: options.results.isColored))
            }
        }
    }
}
