package import ArgumentParser
import EbbEngine
import EbbModel
import EbbProbe
import EbbReport
import EbbSetup
import EbbTransport
import FoundationEssentials

/// `ebb persistence orphans`: what lies on persistent storage and nobody declares.
package struct PersistenceOrphansCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "orphans", abstract: "Lists what lies on persistent storage undeclared.",
        discussion: """
            Each line is the shallowest path that is an orphan as a whole. Nothing is deleted. Exit \
            status 0 whether there are any or not, 4 when a host could not be asked.
            """
    ).example("ebb persistence orphans db1")

    @Argument(help: "Which hosts; an Ansible pattern.") var pattern = "all"

    @Flag(help: "Do not add up sizes, which costs a walk over each orphan.") var noSizes = false

    @OptionGroup package var options: GlobalOptions

    package init() {}

    private typealias Answer = Result<[Orphan], ProbeGap>

    package func run() async throws {
        let format = try options.format(among: [.table, .json])
        let fleet = try await Fleet.load(options, pattern: pattern)
        let engine = try await fleet.engine()
        let sizes = !noSizes
        let hosts = fleet.selected.filter { !$0.persist.isEmpty }
        let answers = await fanOut(over: hosts, limit: options.parallel) { settings in
            await engine.orphans(settings, sizes: sizes)
        }
        let found = Array(zip(hosts, answers))
        switch format {
        case .json: try options.results.write(Self.json(found))
        default: try options.results.write(Self.table(found))
        }
        let isComplete = answers.allSatisfy { if case .success = $0 { true } else { false } }
        try (isComplete ? ExitStatus.success : .incomplete).leave()
    }

    private static func table(_ found: [(HostSettings, Answer)]) -> TextTable {
        var table = TextTable([
            .init("HOST"), .init("PATH", shrinks: true), .init("SIZE"), .init("CHANGED"), .init("FROM"),
        ])
        for (settings, answer) in found {
            let host = TextTable.Cell(settings.host.text, .emphasis)
            switch answer {
            case .failure(let gap):
                table.add([host, .init(gap.message, .warning), .init("?"), .init("?"), .init("unknown")])
            case .success(let orphans):
                for orphan in orphans {
                    table.add([
                        host, .init(orphan.path.printable), .init(orphan.size.map { ByteCount.text($0) } ?? ""),
                        .init(String(orphan.modified.ISO8601Format().prefix(10))), .init(orphan.origin.rawValue),
                    ])
                }
            }
        }
        return table
    }

    private static func json(_ found: [(HostSettings, Answer)]) -> JSON {
        [
            "schema": "ebb.persistence.orphans/1",
            "hosts": .array(
                found.map { settings, answer in
                    switch answer {
                    case .failure(let gap):
                        [
                            "host": .string(settings.host.text), "complete": false, "orphans": .array([]),
                            "gaps": .array([gap.json]),
                        ]
                    case .success(let orphans):
                        [
                            "host": .string(settings.host.text), "complete": true, "orphans": .array(orphans.map(json)),
                            "gaps": .array([]),
                        ]
                    }
                }),
        ]
    }

    private static func json(_ orphan: Orphan) -> JSON {
        [
            "path": .string(orphan.path.printable), "kind": .string(orphan.kind.rawValue), "uid": .count(orphan.uid),
            "mode": .string(String(orphan.mode, radix: 8)), "modified": .string(orphan.modified.ISO8601Format()),
            "size": .optional(orphan.size) { .count($0) }, "origin": .string(orphan.origin.rawValue),
        ]
    }
}
