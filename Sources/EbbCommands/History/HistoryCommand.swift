import ArgumentParser
import EbbEngine
import EbbModel
import EbbReport
import EbbStore
import FoundationEssentials

/// `ebb history`: what is stored of one host.
struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Shows a host's boots, how good the predictions were, and its paths over time.",
        discussion: """
            Asks no host. For each boot: whether it was proven to erase and to keep, and what became \
            of the prediction made by the last complete observation before it. PRECISION: how much of \
            what was predicted to vanish did; RECALL: how much of what vanished was predicted.

            Formats: table, json.
            """
    ).example("ebb history db1 --path /var/lib")

    @Argument(help: "The host.") var host: String

    @Option(help: .init("Only this path and what is below it.", valueName: "path")) var path: String?

    @Flag(help: "Paths of every verdict, not only what was at risk.") var allVerdicts = false

    @Option(help: .init("How many boots, observations and paths at most.", valueName: "number")) var most = 200

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let format = try options.format(among: [.table, .json])
        let store = try options.store(.existing)
        let name = try HostName.argument(host)
        let known = try await store.hosts()
        guard known.contains(name) else {
            throw Failure(
                .usage, "\(name) was never observed",
                hint: "`ebb drift \(name)` observes it" + (known.isEmpty ? "" : "; known are: ")
                    + known.prefix(20).map(\.text).joined(separator: ", "))
        }
        let report = try await store.historyReport(
            of: name, path: path.map { BytePath($0) }, allVerdicts: allVerdicts, limit: max(1, most))
        try options.results.write(as: format, json: report.json) { report.text(width: $0, color: $1) }
    }
}
