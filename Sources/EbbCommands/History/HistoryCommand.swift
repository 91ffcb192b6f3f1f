package import ArgumentParser
import EbbModel
import EbbReport
import EbbStore
import FoundationEssentials

/// `ebb history`: what is stored of one host.
package struct HistoryCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Shows a host's boots, how good the predictions were, and its paths over time.",
        discussion: """
            Asks no host. For each boot: whether it was proven to erase and to keep, and what became \
            of the prediction made by the last whole look before it. PRECISION is the part of what \
            was predicted to be undone that was; RECALL the part of what was undone, lost or already \
            different that had been predicted.

            Formats: table, json.
            """)

    @Argument(help: "The host.")
    var host: String

    @Option(help: ArgumentHelp("Only this path and what is below it.", valueName: "path"))
    var path: String?

    @Flag(help: "Paths of every verdict, not only what was at risk.")
    var allVerdicts = false

    @Option(help: ArgumentHelp("How many boots, looks and paths at most.", valueName: "number"))
    var most = 200

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json])
        let store = try Store.open(options.databasePath)
        let known = try await store.hosts()
        guard let name = known.first(where: { $0.text == host }) else {
            throw Failure(
                .usage, "\(PrintableText.line(host)) was never looked at",
                hint: known.isEmpty
                    ? "start with `ebb drift`"
                    : "known are: " + known.prefix(20).map(\.text).joined(separator: ", "))
        }
        let report = try await report(name, store)
        try options.results.write(as: format, json: report.json) {
            report.text(width: $0, color: $1)
        }
    }

    private func report(_ name: HostName, _ store: Store) async throws -> HistoryReport {
        let most = max(1, most)
        let comparisons = Dictionary(
            try await store.comparisons(of: name, limit: most).map { ($0.boot, $0.comparison) },
            uniquingKeysWith: { first, _ in first })
        let boots = try await store.boots(of: name, limit: most).map { boot in
            HistoryReport.Boot(
                bootID: boot.bootID, firstSeen: boot.firstSeen, lastSeen: boot.lastSeen,
                isOrdered: boot.attempt != nil, verdict: boot.verdict,
                prediction: comparisons[boot.bootID])
        }
        let observations = try await store.history(of: name, limit: most).map { look in
            HistoryReport.Observation(
                at: look.observedAt, purpose: look.kind.rawValue, bootID: look.bootID,
                isReachable: look.observation?.isReachable ?? false,
                isComplete: look.observation?.isComplete ?? false,
                counts: look.judgement.map { judgement in
                    Dictionary(
                        uniqueKeysWithValues: PathVerdict.allCases.map {
                            ($0, judgement.counts.count(of: $0))
                        })
                })
        }
        let wanted = path.map { BytePath($0) }
        let intervals = try await store.driftHistory(of: name, limit: 1_000_000)
            .filter { interval in
                let entry = interval.entry.entry
                return (allVerdicts || entry.verdict.isAtRisk)
                    && (wanted.map { entry.change.path.isInside($0) } ?? true)
            }
            .prefix(most)
            .map { interval in
                HistoryReport.Interval(
                    entry: interval.entry.entry, firstSeen: interval.entry.firstSeen,
                    firstBoot: interval.entry.firstBoot, lastSeen: interval.lastSeen,
                    lastBoot: interval.lastBoot)
            }
        return HistoryReport(
            generatedAt: Date(), host: name, boots: boots, observations: observations,
            intervals: intervals)
    }
}
