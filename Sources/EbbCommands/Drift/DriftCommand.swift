package import ArgumentParser
import EbbClassifier
import EbbEngine
import EbbModel
import EbbReport
import EbbStore
import FoundationEssentials

/// `ebb drift`: what the next boot of each host would lose, and accepting such losses.
package struct DriftCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "drift", abstract: "Shows what the next boot would erase that nobody declared.",
        discussion: """
            `ebb drift [PATTERN] [options]` is short for `ebb drift show`: see `ebb help drift show`.
            """, subcommands: [DriftShowCommand.self, DriftAcceptCommand.self, DriftBaselineCommand.self],
        defaultSubcommand: DriftShowCommand.self
    ).example("ebb drift web")

    package init() {}
}

/// `ebb drift show`, or just `ebb drift`: what the next boot of each host would lose.
package struct DriftShowCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Observes hosts and lists what the next boot would erase. (default)",
        discussion: """
            Observes every matching host in one round trip, stores what it saw, and lists what \
            would be lost: leaked (declared, but written to the root) and unexplained paths, the \
            most dangerous first. A directory that is new as a whole stands for what is in it.

            Exit status 3 when a path has a verdict of --fail-on, 4 when something is not known.

            Formats: table, json, ndjson; with --by-path table and json.
            """
    ).example("ebb drift web --new")

    @Argument(help: "Which hosts; an Ansible pattern.") var pattern = "all"

    @Flag(help: "Only paths that the host's previous observation did not have.") var new = false

    @Flag(help: "Show what was stored last, without asking the hosts.") var stored = false

    @Flag(help: "Ask ZFS itself instead of comparing trees: quick after few changes, never whole.") var quick = false

    @Flag(help: "List every verdict, not only what is at risk.") var allVerdicts = false

    @Flag(help: "List every path, without folding directories that are new as a whole.") var noFold = false

    @Flag(help: "One line per path, with the hosts that have it.") var byPath = false

    @Flag(help: "A tree per host.") var tree = false

    @Option(
        help: ArgumentHelp(
            "A verdict that makes the exit status 3; may be repeated. (leaked, unexplained)", valueName: "verdict"))
    var failOn: [PathVerdict] = [.leaked, .unexplained]

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: tree ? [.table] : byPath ? [.table, .json] : [.table, .json, .ndjson])
        if tree, byPath { throw Failure(.usage, "--tree and --by-path exclude each other") }
        let fleet = try await Fleet.load(options, pattern: pattern)
        let survey = DriftSurvey(try await fleet.store(), onlyNew: new, allVerdicts: allVerdicts, folds: !noFold)
        let hosts: [DriftReport.Host]
        let begin = ContinuousClock.now
        if stored {
            hosts = try await survey.stored(fleet.selected)
        } else {
            options.notes.note("observing \(fleet.selected.count) hosts")
            hosts = try await survey.observed(fleet.selected, by: try await fleet.engine(), quick: quick)
            await fleet.shutdown()
        }
        let report = DriftReport(generatedAt: Date(), hosts: hosts, wall: stored ? nil : ContinuousClock.now - begin)
        switch format {
        case .json: try options.results.write(byPath ? report.pathsJSON : report.json)
        case .ndjson: try options.results.write(report.records.map { JSONText.line($0) + "\n" }.joined())
        default:
            let results = options.results
            let width = results.width
            let color = results.isColored
            try results.write(
                tree
                    ? report.tree(color: color)
                    : byPath ? report.pathsText(width: width, color: color) : report.text(width: width, color: color))
        }
        try report.exitStatus(failOn: Set(failOn)).leave()
    }
}

extension PathVerdict: ExpressibleByArgument {}
