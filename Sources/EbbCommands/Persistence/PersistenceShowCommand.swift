package import ArgumentParser
import EbbClassifier
import EbbModel
import EbbReport

/// `ebb persistence show`: the declared paths, presets expanded and targets filled in.
package struct PersistenceShowCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Lists what is declared; asks no host."
    ).example("ebb persistence show db1")

    @Argument(help: "Which hosts; an Ansible pattern.") var pattern = "all"

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json])
        let fleet = try await Fleet.load(options, pattern: pattern)
        let sets = fleet.selected.map { ($0.host, $0.persistenceSet(fleet.catalogue)) }
        switch format {
        case .json:
            try options.results.write([
                "schema": "ebb.persistence/1",
                "hosts": .array(
                    sets.map { host, entries in ["host": .string(host.text), "entries": .array(entries.map(Self.json))]
                    }),
            ])
        default:
            var table = TextTable([
                .init("HOST"), .init("PATH", shrinks: true), .init("MECHANISM"), .init("CLASS"),
                .init("TARGET", shrinks: true), .init("FROM"),
            ])
            for (host, entries) in sets {
                for entry in entries {
                    table.add([
                        .init(host.text, .emphasis), .init(entry.path), .init(entry.mechanism.rawValue),
                        .init(entry.stateClass.rawValue), .init(entry.target ?? "?"),
                        .init(entry.preset.map { "preset \($0)" } ?? "inventory", .muted),
                    ])
                }
            }
            try options.results.write(table)
        }
    }

    private static func json(_ entry: PersistenceEntry) -> JSON {
        [
            "path": .string(entry.path), "mechanism": .string(entry.mechanism.rawValue),
            "class": .string(entry.stateClass.rawValue), "target": .optional(entry.target),
            "owner": .optional(entry.owner), "group": .optional(entry.group),
            "mode": .optional(entry.mode.map { String($0, radix: 8) }), "preset": .optional(entry.preset),
        ]
    }
}
