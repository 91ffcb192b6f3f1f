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
        commandName: "baseline", abstract: "Has hosts record what their fresh roots hold.",
        discussion: """
            For a root that is made anew (mkfs, tmpfs), or an overlay whose lower tree cannot be \
            read: `root.blank`, for an overlay `root.lower`, names a file on persistent storage. It \
            is written by the host, soon after a boot that is proven or shows itself that it made \
            the root anew, and `ebb drift` compares with it from then on. Exit status 4 when a host \
            could not do it.
            """
    ).example("ebb drift baseline pi1")

    @Argument(help: "Which hosts; an Ansible pattern.") var pattern: String

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        _ = try options.format(among: [.table])
        let fleet = try await Fleet.load(options, pattern: pattern)
        let engine = try await fleet.engine()
        let outcomes = await fanOut(over: fleet.selected, limit: options.parallel) { settings in
            await engine.writeBaseline(settings)
        }
        var table = TextTable([.init("HOST"), .init("ENTRIES"), .init("FILE", shrinks: true)])
        var isComplete = true
        for (settings, outcome) in zip(fleet.selected, outcomes) {
            let host = TextTable.Cell(settings.host.text, .emphasis)
            switch outcome {
            case .success(let written):
                table.add([host, .init(written.entries), .init(PrintableText.line(written.file))])
            case .failure(let gap):
                isComplete = false
                table.add([host, .init("?"), .init(PrintableText.line(gap.message), .warning)])
            }
        }
        try options.results.write(table)
        try (isComplete ? ExitStatus.success : .incomplete).leave()
    }
}
