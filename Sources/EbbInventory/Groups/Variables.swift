/// The variables that Ebb reads; the rest of an Ansible inventory is none of its business.
struct Variables {
    /// Ansible's older names, and what they are called today.
    private static let aliases: [String: String] = [
        "ansible_ssh_host": "ansible_host", "ansible_ssh_port": "ansible_port",
        "ansible_ssh_user": "ansible_user",
        "ansible_private_key_file": "ansible_ssh_private_key_file",
        "ansible_become_pass": "ansible_become_password", "ansible_ssh_pass": "ansible_password",
        "ansible_ssh_password": "ansible_password",
    ]
    private static let known: Set<String> = [
        "ebb", "ansible_host", "ansible_port", "ansible_user", "ansible_ssh_private_key_file",
        "ansible_become", "ansible_become_user", "ansible_become_method",
        "ansible_become_password", "ansible_ssh_common_args", "ansible_ssh_extra_args",
        "ansible_connection", "ansible_password",
    ]

    /// What of the values is Ebb's, as a map.
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
            let name = Self.aliases[entry.key] ?? entry.key
            if name == "ebb_priority" || name == "ansible_group_priority" {
                ranks[name] = MapReader.scalar(
                    entry.value, name, "a whole number", problems, { Int($0) })
            } else if name == "ebb_fleet" {
                fleet = entry.value
            } else if name == "ebb" {
                let value = NamedLists(problems: problems).normalised(entry.value)
                kept.append(.init(key: name, keyLocation: entry.keyLocation, value: value))
            } else if Self.known.contains(name) {
                kept.append(
                    .init(key: name, keyLocation: entry.keyLocation, value: entry.value))
            }
        }
        value = YAMLValue(.map(kept), at: all.location)
        priority = ranks["ebb_priority"] ?? ranks["ansible_group_priority"]
    }
}
