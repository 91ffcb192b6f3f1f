import ArgumentParser
import EbbClassifier
import EbbInventory
import EbbLocal
import EbbModel
import EbbReport

/// `ebb inventory`: what the inventory says, and whether it is right.
struct InventoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inventory", abstract: "Shows and checks the inventory.",
        subcommands: [InventoryList.self, InventoryShow.self, InventoryGraph.self, InventoryCheck.self]
    ).example("ebb inventory check")
}

/// `ebb inventory list`: which hosts a pattern chooses.
struct InventoryList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the hosts that a pattern chooses.",
        usage: "ebb inventory list [PATTERN] [options]", discussion: "Formats: table, json, ndjson."
    ).example("ebb inventory list 'web:&zfs'")

    @Argument(help: "Which hosts; an Ansible pattern such as 'build_farm:&zfs:!builder3'.") var pattern = "all"

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let format = try options.format(among: [.table, .json, .ndjson])
        let selection = try await options.select(pattern)
        let hosts = selection.hosts.map(Self.json)
        if format == .ndjson { return try options.results.write(hosts.map { JSONText.line($0) + "\n" }.joined()) }
        try options.results.write(
            as: format, json: ["schema": "ebb.inventory/1", "hosts": .array(hosts)], table: Self.table(selection.hosts))
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
                settings.root.map { .init($0.strategy.rawValue) } ?? .init("not declared", .warning),
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

/// `ebb inventory show`: every setting of a host, and where it was written.
struct InventoryShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows a host's settings, merged, each with the file and line it came from.",
        usage: "ebb inventory show HOST [options]", discussion: "Formats: table, json. Secrets are never shown."
    ).example("ebb inventory show db1")

    @Argument(help: "The host, or a pattern.") var host: String

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let format = try options.format(among: [.table, .json])
        let selection = try await options.select(host)
        let document: JSON = ["schema": "ebb.inventory.settings/1", "hosts": .array(selection.hosts.map(Self.json))]
        try options.results.write(as: format, json: document) { width, color in
            selection.hosts.map { host in
                let title = TextRole.heading.paint(host.name.text, color: color)
                let groups = host.settings.groups.joined(separator: ", ")
                let place = groups.isEmpty ? "in no group" : "in \(groups)"
                return "\(title) — \(place)\n" + Self.table(host).rendered(width: width, color: color)
            }.joined(separator: "\n")
        }
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

/// `ebb inventory graph`: groups, what is in them, and what is in that.
struct InventoryGraph: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph", abstract: "Draws the groups and their hosts as a tree.",
        usage: "ebb inventory graph [GROUP] [options]", discussion: "Formats: table, json."
    ).example("ebb inventory graph web")

    @Argument(help: "The group to start from.") var group = "all"

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let format = try options.format(among: [.table, .json])
        let inventory = try await options.select("all").inventory
        guard inventory.groups[group] != nil else {
            throw Failure(.usage, "no group is called “\(group)”", hint: "`ebb inventory graph` shows all groups")
        }
        let document: JSON = ["schema": "ebb.inventory.graph/1", "groups": .array(Self.json(inventory))]
        try options.results.write(as: format, json: document) { _, color in
            group + "\n" + Self.drawn(group, inventory, "", color)
        }
    }

    private static func drawn(_ name: String, _ inventory: Inventory, _ indent: String, _ color: Bool) -> String {
        guard let group = inventory.groups[name] else { return "" }
        let isTop = name == "all"
        let children = isTop ? topGroups(inventory) : group.children
        let hosts = isTop ? [] : name == "ungrouped" ? inventory.members(of: name) : group.hosts
        let entries = children.map { ($0, true) } + hosts.map { ($0.text, false) }
        return entries.enumerated().map { index, entry in
            let (name, isGroup) = entry
            let isLast = index == entries.count - 1
            let label = isGroup ? TextRole.heading.paint(name, color: color) : name
            return "\(indent)\(isLast ? "└── " : "├── ")\(label)\n"
                + (isGroup ? drawn(name, inventory, indent + (isLast ? "    " : "│   "), color) : "")
        }.joined()
    }

    /// Groups that stand in no other one.
    private static func topGroups(_ inventory: Inventory) -> [String] {
        inventory.groups.values.filter { group in
            group.name != "all" && group.ancestors.allSatisfy { $0 == "all" }
                && !(group.name == "ungrouped" && inventory.members(of: "ungrouped").isEmpty)
        }.map(\.name).sorted()
    }

    private static func json(_ inventory: Inventory) -> [JSON] {
        inventory.groups.values.sorted { ($0.depth, $0.name) < ($1.depth, $1.name) }.map { group in
            [
                "group": .string(group.name),
                "children": .strings(group.name == "all" ? topGroups(inventory) : group.children),
                "hosts": .strings(group.hosts.map(\.text)),
                "members": .strings(inventory.members(of: group.name).map(\.text)), "depth": .count(group.depth),
                "priority": .count(group.priority),
            ]
        }
    }
}

/// `ebb inventory check`: everything that is wrong with the inventory, at once.
struct InventoryCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Lists everything that is wrong with the inventory.",
        usage: "ebb inventory check [options]",
        discussion: """
            Talks to no host. Formats: table, json. Exit status 2 when something is wrong; warnings \
            alone leave it at 0.
            """
    ).example("ebb inventory check")

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let format = try options.format(among: [.table, .json])
        let reading = try await options.inventory(presets: try options.loader.catalogue())
        try options.results.write(as: format, json: Self.json(reading)) { Self.text(reading, color: $1) }
        try (reading.isUsable ? ExitStatus.success : .usage).leave()
    }

    private static func text(_ reading: InventoryReader.Reading, color: Bool) -> String {
        let lines = reading.problems.map { problem in
            let role: TextRole = problem.severity == .error ? .bad : .warning
            let severity = role.paint(problem.severity.rawValue + ":", color: color)
            let place = problem.location.map { "\($0): " } ?? ""
            let cure = problem.hint.map { "\n    → \(PrintableText.line($0))" } ?? ""
            return PrintableText.line(place) + severity + " " + PrintableText.line(problem.message) + cure + "\n"
        }
        let hosts = reading.inventory.hosts.count
        let groups = reading.inventory.groups.count - 2
        let errors = reading.problems.count { $0.severity == .error }
        let warnings = reading.problems.count - errors
        let verdict = errors == 0 ? "can be used" : "cannot be used"
        return lines.joined() + "\(Counted.text(hosts, "host")) in \(Counted.text(groups, "group")): "
            + "\(Counted.text(errors, "error")), \(Counted.text(warnings, "warning")); the inventory \(verdict)\n"
    }

    private static func json(_ reading: InventoryReader.Reading) -> JSON {
        [
            "schema": "ebb.inventory.problems/1", "usable": .bool(reading.isUsable),
            "hosts": .count(reading.inventory.hosts.count),
            "problems": .array(
                reading.problems.map { problem in
                    [
                        "severity": .string(problem.severity.rawValue), "file": .optional(problem.location?.file),
                        "line": .optional(problem.location?.line) { .count($0) }, "message": .string(problem.message),
                        "hint": .optional(problem.hint),
                    ]
                }),
        ]
    }
}
