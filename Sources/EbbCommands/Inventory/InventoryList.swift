package import ArgumentParser
import EbbInventory
import EbbLocal
import EbbModel
import EbbReport

/// `ebb inventory list`: which hosts a pattern chooses.
package struct InventoryList: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the hosts that a pattern chooses.",
        usage: "ebb inventory list [PATTERN] [options]", discussion: "Formats: table, json, ndjson."
    ).example("ebb inventory list 'web:&zfs'")

    @Argument(help: "Which hosts; an Ansible pattern such as 'build_farm:&zfs:!builder3'.") var pattern = "all"

    @OptionGroup var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json, .ndjson])
        let selection = try await options.select(pattern)
        switch format {
        case .json:
            try options.results.write(["schema": "ebb.inventory/1", "hosts": .array(selection.hosts.map(Self.json))])
        case .ndjson:
            let lines = selection.hosts.map { JSONText.line(Self.json($0)) + "\n" }
            try options.results.write(lines.joined())
        default: try options.results.write(Self.table(selection.hosts))
        }
    }

    private static func table(_ hosts: [Inventory.Host]) -> TextTable {
        var table = TextTable([
            .init("HOST"), .init("ADDRESS"), .init("USER"), .init("ROOT"), .init("PERSISTED", .right),
            .init("GROUPS", shrinks: true),
        ])
        for host in hosts {
            let settings = host.settings
            let connection = settings.connection
            let become = connection.become.map { " → \($0.user)" } ?? ""
            let port = connection.port == 22 ? "" : ":\(connection.port)"
            let declared = settings.persistence.count
            let presets = settings.presets.isEmpty ? "" : " + \(settings.presets.count)"
            table.add([
                .init(host.name.text), .init(connection.address + port), .init(connection.user + become),
                settings.root.map { .init($0.strategy.rawValue) } ?? .init("not said", .warning),
                .init("\(declared)\(presets)"), .init(settings.groups.joined(separator: ", "), .muted),
            ])
        }
        return table
    }

    private static func json(_ host: Inventory.Host) -> JSON {
        let connection = host.settings.connection
        return [
            "host": .string(host.name.text), "groups": .strings(host.settings.groups),
            "address": .string(connection.address), "port": .count(connection.port), "user": .string(connection.user),
            "become": .optional(connection.become?.user), "strategy": .optional(host.settings.root?.strategy.rawValue),
            "persistence": .strings(host.settings.persistence.map(\.path)), "presets": .strings(host.settings.presets),
        ]
    }
}
