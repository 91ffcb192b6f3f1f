/// The variables that Ebb reads; the rest of an Ansible inventory does not concern it.
struct Variables {
    /// The variables Ebb understands.
    let value: YAMLValue
    /// The rank among groups of the same depth, where it is given.
    private(set) var priority: Int?
    /// What holds for the controller; it belongs to the group `all` only.
    private(set) var fleet: YAMLValue?

    /// Picks Ebb's variables out of all that stand in one place.
    init(_ all: YAMLValue, problems: ProblemCollector) {
        var kept: [YAMLValue.Entry] = []
        var ranks: [String: Int] = [:]
        for entry in all.entries ?? [] {
            let name = AnsibleVariables.aliases[entry.key] ?? entry.key
            if name == "ebb_priority" || name == "ansible_group_priority" {
                ranks[name] = MapReader.scalar(entry.value, name, "a whole number", problems, { Int($0) })
            } else if name == "ebb_fleet" {
                fleet = entry.value
            } else if name == "ebb" {
                let value = NamedLists(problems: problems).normalised(entry.value)
                kept.append(.init(key: name, keyLocation: entry.keyLocation, value: value))
            } else if AnsibleVariables.names.contains(name) {
                kept.append(.init(key: name, keyLocation: entry.keyLocation, value: entry.value))
            }
        }
        value = YAMLValue(.map(kept), at: all.location)
        priority = ranks["ebb_priority"] ?? ranks["ansible_group_priority"]
    }
}
