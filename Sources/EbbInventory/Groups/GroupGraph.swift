/// Which group stands below which: depths and ancestors, with cycles reported and cut.
struct GroupGraph {
    /// Groups above each group, `all` included, without itself.
    private(set) var ancestors: [String: Set<String>] = [:]
    /// The longest way from `all`.
    private(set) var depths: [String: Int] = [:]
    private var parents: [String: [String]] = [:]

    init(_ tree: GroupTree, problems: ProblemCollector) {
        var state: [String: Bool] = [:]
        for name in tree.groupOrder { cutCycles(from: name, tree, trail: [], &state, problems) }
        for name in tree.groupOrder { resolve(name) }
    }

    /// Walks down; an edge back into the trail is a cycle, and is left out of `parents`.
    private mutating func cutCycles(
        from name: String, _ tree: GroupTree, trail: [String], _ state: inout [String: Bool],
        _ problems: ProblemCollector
    ) {
        guard state[name] == nil else { return }
        state[name] = false
        for child in tree.groups[name]?.children ?? [] {
            if child == name || trail.contains(child) {
                let start = trail.firstIndex(of: child) ?? trail.count
                let cycle = (trail[start...] + [name, child]).joined(separator: " → ")
                problems.error(
                    at: tree.groups[child]?.location, "groups contain each other: \(cycle)",
                    hint: "take one of them out")
                continue
            }
            parents[child, default: []].append(name)
            cutCycles(from: child, tree, trail: trail + [name], &state, problems)
        }
        state[name] = true
    }

    private mutating func resolve(_ name: String) {
        guard depths[name] == nil else { return }
        if name == "all" {
            depths[name] = 0
            ancestors[name] = []
            return
        }
        depths[name] = 1
        var above: Set<String> = ["all"]
        for parent in parents[name] ?? [] {
            resolve(parent)
            depths[name] = max(depths[name] ?? 1, (depths[parent] ?? 0) + 1)
            above.formUnion(ancestors[parent] ?? [])
            above.insert(parent)
        }
        ancestors[name] = above
    }
}
