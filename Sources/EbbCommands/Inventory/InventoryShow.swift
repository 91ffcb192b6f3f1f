package import ArgumentParser
import EbbInventory
import EbbLocal
import EbbModel
import EbbReport

/// `ebb inventory show`: every setting of a host, and where it was written.
package struct InventoryShow: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows a host's settings, merged, each with the file and line it came from.",
        usage: "ebb inventory show HOST [options]", discussion: "Formats: table, json. Secrets are never shown."
    ).example("ebb inventory show db1")

    @Argument(help: "The host, or a pattern.") var host: String

    @OptionGroup var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json])
        let selection = try await options.select(host)
        if format == .json {
            try options.results.write([
                "schema": "ebb.inventory.settings/1", "hosts": .array(selection.hosts.map(Self.json)),
            ])
            return
        }
        let output = options.results
        let width = output.file == nil ? Terminal.output.width : nil
        let texts = selection.hosts.map { host in
            let title = TextRole.heading.paint(host.name.text, color: output.isColored)
            let groups = host.settings.groups.joined(separator: ", ")
            let place = groups.isEmpty ? "in no group" : "in \(groups)"
            return "\(title) — \(place)\n" + Self.table(host).rendered(width: width, color: output.isColored)
        }
        try output.write(texts.joined(separator: "\n"))
    }

    private static func table(_ host: Inventory.Host) -> TextTable {
        var table = TextTable([.init("SETTING"), .init("VALUE", shrinks: true), .init("FROM")])
        for origin in host.origins {
            table.add([.init(origin.key), .init(origin.value), .init("\(origin.location)", .muted)])
        }
        for open in Inventory.OpenSetting.allCases where host.open.contains(open) {
            table.add([
                .init(open.rawValue, .muted), .init(Self.standard(open, host), .muted), .init("not written", .muted),
            ])
        }
        return table
    }

    /// What is used where nothing is written.
    private static func standard(_ setting: Inventory.OpenSetting, _ host: Inventory.Host) -> String {
        let connection = host.settings.connection
        return switch setting {
        case .address: connection.address
        case .port: "\(connection.port)"
        case .user: connection.user
        case .identityFiles: "from ssh's own configuration"
        case .jumps: "none"
        case .knownHosts: connection.knownHostsFiles.joined(separator: ", ")
        }
    }

    private static func json(_ host: Inventory.Host) -> JSON {
        [
            "host": .string(host.name.text), "groups": .strings(host.settings.groups),
            "settings": .array(
                host.origins.map { origin in
                    [
                        "key": .string(origin.key), "value": .string(origin.value),
                        "file": .string(origin.location.file), "line": .count(origin.location.line),
                    ]
                }), "open": .strings(host.open.map(\.rawValue).sorted()),
        ]
    }
}
