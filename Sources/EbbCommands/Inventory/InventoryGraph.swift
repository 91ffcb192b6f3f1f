package import ArgumentParser
import EbbInventory
import EbbLocal
import EbbModel
import EbbReport

/// `ebb inventory graph`: groups, what is in them, and what is in that.
package struct InventoryGraph: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "graph", abstract: "Draws the groups and their hosts as a tree.",
        usage: "ebb inventory graph [GROUP] [options]", discussion: "Formats: table, json."
    ).example("ebb inventory graph web")

    @Argument(help: "The group to start from.") var group = "all"

    @OptionGroup var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json])
        let inventory = try await options.select("all").inventory
        guard inventory.groups[group] != nil else {
            throw Failure(.usage, "no group is called “\(group)”", hint: "`ebb inventory graph`")
        }
        if format == .json {
            try options.results.write(["schema": "ebb.inventory.graph/1", "groups": .array(Self.json(inventory))])
            return
        }
        var text = group + "\n"
        draw(group, inventory, "", &text)
        try options.results.write(text)
    }

    private func draw(_ name: String, _ inventory: Inventory, _ indent: String, _ text: inout String) {
        guard let group = inventory.groups[name] else { return }
        let isTop = name == "all"
        let children = isTop ? Self.topGroups(inventory) : group.children
        let hosts = isTop ? [] : name == "ungrouped" ? inventory.members(of: name) : group.hosts
        let entries = children.map { ($0, true) } + hosts.map { ($0.text, false) }
        for (index, (entry, isGroup)) in entries.enumerated() {
            let isLast = index == entries.count - 1
            let label = isGroup ? TextRole.heading.paint(entry, color: color) : entry
            text += "\(indent)\(isLast ? "└── " : "├── ")\(label)\n"
            if isGroup { draw(entry, inventory, indent + (isLast ? "    " : "│   "), &text) }
        }
    }

    private var color: Bool { options.results.isColored }

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
