/// What a program or `ansible-inventory` answers to `--list`, as the tree that a file would hold.
///
/// The form is Ansible's: a map of groups, each a list of hosts or a map of `hosts`, `children` and
/// `vars`, and `_meta.hostvars` with the variables of each host.
/// https://docs.ansible.com/ansible/latest/dev_guide/developing_inventory.html
enum InventoryListing {
    /// The tree; `nil` when the answer is not one, which is reported.
    static func tree(_ answer: YAMLValue, _ problems: ProblemCollector) -> YAMLValue? {
        guard let entries = answer.entries else {
            problems.error(at: answer.location, "the answer to --list is a map of groups, not \(answer.kind)")
            return nil
        }
        guard let variables = answer["_meta"]?["hostvars"], variables.entries != nil else {
            problems.error(
                at: answer.location, "the answer to --list has no map “_meta.hostvars”",
                hint: "print one, empty where hosts have no variables of their own")
            return nil
        }
        let groups = entries.filter { $0.key != "_meta" }.map { entry in
            var entry = entry
            entry.value = group(entry.value)
            return entry
        }
        let hosts = YAMLValue(.map([entry("hosts", variables)]), at: answer.location)
        return YAMLValue(.map(groups + [entry("all", hosts)]), at: answer.location)
    }

    private static func group(_ value: YAMLValue) -> YAMLValue {
        switch value.content {
        case .list: YAMLValue(.map([entry("hosts", names(value))]), at: value.location)
        case .map(let entries):
            YAMLValue(
                .map(
                    entries.map { entry in
                        guard entry.key == "hosts" || entry.key == "children" else { return entry }
                        return self.entry(entry.key, names(entry.value))
                    }), at: value.location)
        case .null, .scalar, .tagged: value
        }
    }

    /// A list of names as a map of names to nothing.
    private static func names(_ value: YAMLValue) -> YAMLValue {
        guard case .list(let names) = value.content else { return value }
        let entries = names.map { entry($0.text ?? "", YAMLValue(.null, at: $0.location)) }
        return YAMLValue(.map(entries), at: value.location)
    }

    private static func entry(_ key: String, _ value: YAMLValue) -> YAMLValue.Entry {
        YAMLValue.Entry(key: key, keyLocation: value.location, value: value)
    }
}
