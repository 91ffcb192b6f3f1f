import EbbModel

/// Reads a whole inventory.
package enum InventoryReader {
    /// An inventory and everything that is wrong with it.
    ///
    /// - Important: With a problem of severity `error` the inventory may only be shown.
    package struct Reading: Sendable {
        package let inventory: Inventory
        package var problems: [SourceProblem]

        /// Whether anything forbids using the inventory.
        package var isUsable: Bool { !problems.contains { $0.severity == .error } }
    }

    /// Reads the files; never throws, and never stops at the first problem.
    package static func read(_ files: [InventoryFile], _ context: InventoryContext) -> Reading {
        let problems = ProblemCollector()
        let read = InventoryFiles(files, context, problems)
        var tree = GroupTree(problems: problems)
        for file in read.trees { tree.add(file) }
        if tree.hostOrder.isEmpty, !read.isPartial {
            problems.error(
                at: SourceLocation(file: context.directory, line: 1), "no host is written anywhere",
                hint: "`ebb init` writes a first inventory")
        }
        if !read.isPartial { warnAboutUnknownNames(read, tree, problems) }

        let graph = GroupGraph(tree, problems: problems)
        var layers = VariableLayers(read, tree, graph, problems)
        let decoder = HostDecoder(context: context, problems: problems)
        let merged = tree.hostOrder.map { host in
            HostDecoder.Input(
                host: host, groups: layers.groups(of: host), variables: layers.variables(of: host),
                budgetGroup: layers.budgetGroup(of: host))
        }
        layers.reportConflicts()
        let hosts = decoder.hosts(merged)
        let fleet = FleetSettings.decoded(layers.fleet, problems)
        let inventory = inventory(hosts, fleet, tree, graph, layers)
        return Reading(inventory: inventory, problems: problems.problems)
    }

    private static func inventory(
        _ hosts: [Inventory.Host], _ fleet: FleetSettings, _ tree: GroupTree, _ graph: GroupGraph,
        _ layers: VariableLayers
    ) -> Inventory {
        var membership: [String: Set<HostName>] = ["all": Set(tree.hostOrder)]
        for name in tree.groupOrder {
            let own = tree.groups[name]?.hosts ?? []
            for group in [name] + Array(graph.ancestors[name] ?? []) { membership[group, default: []].formUnion(own) }
        }
        let grouped = tree.groupOrder.filter { $0 != "all" && $0 != "ungrouped" }.flatMap {
            tree.groups[$0]?.hosts ?? []
        }
        membership["ungrouped"] = Set(tree.hostOrder).subtracting(grouped)
        var groups: [String: Inventory.Group] = [:]
        for name in tree.groupOrder + ["ungrouped"] {
            groups[name] = Inventory.Group(
                name: name, children: tree.groups[name]?.children ?? [], hosts: tree.groups[name]?.hosts ?? [],
                ancestors: graph.ancestors[name] ?? ["all"], depth: graph.depths[name] ?? 1,
                priority: layers.priority(of: name))
        }
        return Inventory(hosts: hosts, groups: groups, membership: membership, fleet: fleet)
    }

    /// Variables of groups and hosts that nobody wrote are usually misspelt names.
    private static func warnAboutUnknownNames(_ read: InventoryFiles, _ tree: GroupTree, _ problems: ProblemCollector) {
        for (name, values) in read.groups where tree.groups[name] == nil && name != "ungrouped" {
            problems.warning(
                at: values.first?.location, "no group is called “\(name)”, so these variables are unused",
                hint: Suggestion.hint(for: name, among: tree.groupOrder))
        }
        let hosts = tree.hostOrder.map(\.text)
        let known = Set(hosts)
        for (name, values) in read.hosts where !known.contains(name) {
            problems.warning(
                at: values.first?.location, "no host is called “\(name)”, so these variables are unused",
                hint: Suggestion.hint(for: name, among: hosts))
        }
        for name in tree.groupOrder where known.contains(name) {
            problems.error(
                at: tree.groups[name]?.location, "“\(name)” is a group and a host",
                hint: "a pattern would mean either: rename one")
        }
    }
}
