package import ArgumentParser
import EbbEngine
import EbbModel
import EbbReport
import EbbTransport

/// `ebb run`: one command on many hosts, equal answers told once.
package struct RunCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs a command on hosts; equal outputs are folded.",
        discussion: """
            ebb run PATTERN -- COMMAND…: the words are passed to the host as they are; for a shell \
            line say `sh -c '…'`. Exit status 3 when the command failed somewhere, 4 when a host \
            did not answer.
            """)

    @Argument(help: "Which hosts; an Ansible pattern.")
    var pattern: String

    @Argument(parsing: .postTerminator, help: "The command and its arguments.")
    var command: [String]

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json, .ndjson])
        guard let program = command.first else {
            throw Failure(.usage, "there is no command", hint: "ebb run PATTERN -- COMMAND…")
        }
        let fleet = try await Fleet.load(options, pattern: pattern)
        let engine = try await fleet.engine()
        let request = CommandRequest(
            RemoteCommand(program, arguments: Array(command.dropFirst())),
            timeout: options.timeout.duration)
        let answers = await fanOut(over: fleet.selected, limit: options.parallel) { settings in
            await CommandAnswer(asking: settings, request, engine)
        }
        let report = CommandReport(answers: answers)
        switch format {
        case .json: try options.results.write(report.json)
        case .ndjson:
            try options.results.write(report.records.map { JSONText.line($0) + "\n" }.joined())
        default: try options.results.write(report.text(colour: options.results.isColoured))
        }
        try report.exitStatus.leave()
    }
}
