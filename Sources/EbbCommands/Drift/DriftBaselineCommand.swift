package import ArgumentParser
import EbbEngine
import EbbModel
import EbbProbe
import EbbReport
import EbbStore
import EbbTransport
import FoundationEssentials

/// `ebb drift baseline`: has hosts write down what their fresh roots hold.
package struct DriftBaselineCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "baseline",
        abstract: "Has hosts write down what their fresh roots hold.",
        discussion: """
            For a root that is made anew (mkfs, tmpfs), or an overlay whose lower tree cannot be \
            read: `root.blank`, for an overlay `root.lower`, names a file on persistent storage. It \
            is written by the host, soon after a boot that is proven or shows itself that it made \
            the root anew, and `ebb drift` compares with it from then on. Exit status 4 when a host \
            could not do it.
            """)

    @Argument(help: "Which hosts; an Ansible pattern.")
    var pattern: String

    @OptionGroup package var options: GlobalOptions

    package init() {}

    private enum Outcome: Sendable {
        case written(file: String, entries: Int)
        case refused(String)
    }

    package func run() async throws {
        _ = try options.format(among: [.table])
        let fleet = try await Fleet.load(options, pattern: pattern)
        let engine = try await fleet.engine()
        let store = try await fleet.store()
        let outcomes = await fanOut(over: fleet.selected, limit: options.parallel) { settings in
            await Self.record(settings, engine, store)
        }
        var table = TextTable([.init("HOST"), .init("ENTRIES"), .init("FILE", shrinks: true)])
        var isComplete = true
        for (settings, outcome) in zip(fleet.selected, outcomes) {
            let host = TextTable.Cell(settings.host.text, .emphasis)
            switch outcome {
            case .written(let file, let entries):
                table.add([host, .init("\(entries)"), .init(PrintableText.line(file))])
            case .refused(let reason):
                isComplete = false
                table.add([host, .init("?"), .init(PrintableText.line(reason), .warning)])
            }
        }
        try options.results.write(table)
        try (isComplete ? ExitStatus.success : .incomplete).leave()
    }

    private static func record(
        _ settings: HostSettings, _ engine: Engine, _ store: Store
    ) async -> Outcome {
        guard let file = file(settings) else {
            return .refused(
                "neither root.blank nor root.lower names a file on persistent storage of this host")
        }
        do {
            let newest = try await store.boots(of: settings.host, limit: 1).first
            let proven = newest?.verdict?.isProven == true ? newest?.bootID : nil
            let probe = BaselineProbe.probe(file: file, boot: proven)
            let report = try await engine.ask(settings, [probe], timeout: .seconds(630)).report
            let output = try report.output(of: BaselineProbe.name)
            guard let entries = BaselineProbe.entries(output) else {
                return .refused("the host did not say what it wrote")
            }
            return .written(file: file, entries: entries)
        } catch let gap as ProbeGap {
            return .refused(gap.message)
        } catch let error as TransportError {
            return .refused(ProbeGap(error).message)
        } catch {
            return .refused("\(error)")
        }
    }

    /// The file that the inventory names, where it can outlive a boot.
    private static func file(_ settings: HostSettings) -> String? {
        let named: String? =
            switch settings.root?.strategy {
            case .mkfs, .tmpfs: settings.root?.blank
            case .overlay: settings.root?.lower
            case .zfs, .btrfs, .none?, nil: nil
            }
        guard let named,
            settings.persist.contains(where: {
                named != $0.mount && BytePath(named).isInside(BytePath($0.mount))
            })
        else { return nil }
        return named
    }
}
