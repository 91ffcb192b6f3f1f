/// The files of an inventory, sorted by what they are for, each read as YAML.
struct InventoryFiles {
    /// Files that list groups and hosts.
    private(set) var trees: [YAMLValue] = []
    /// `group_vars`: the values of each group's files.
    private(set) var groups: [String: [YAMLValue]] = [:]
    /// `host_vars`: the values of each host's files.
    private(set) var hosts: [String: [YAMLValue]] = [:]
    /// Whether some file could not be read, so that names may be missing for that reason alone.
    private(set) var isPartial = false

    /// Names at the top that are not inventories but often lie beside one.
    private static let companions: Set<String> = [
        "known_hosts", "catalogue.yml", "catalogue.yaml", "ansible.cfg", "LICENSE", "README", "Makefile",
    ]
    private static let ignoredEndings = [
        "~", ".orig", ".bak", ".retry", ".md", ".txt", ".swp", ".pub", ".rst", ".j2", ".sh",
    ]

    init(_ files: [InventoryFile], _ context: InventoryContext, _ problems: ProblemCollector) {
        for file in files.sorted(by: { $0.path < $1.path }) {
            let parts = file.path.split(separator: "/").map(String.init)
            guard let name = parts.last, !Self.isIgnored(name, parts) else { continue }
            let display = context.display(file.path)
            if parts.count > 1, parts[0] == "group_vars" || parts[0] == "host_vars" {
                let owner = parts.count == 2 ? Self.withoutEnding(parts[1]) : parts[1]
                guard let value = read(file, display, problems) else { continue }
                if value.entries == nil, !value.isNull {
                    problems.error(at: value.location, "a file of variables is a map, not \(value.kind)")
                } else if parts[0] == "group_vars" {
                    groups[owner, default: []].append(value)
                } else {
                    hosts[owner, default: []].append(value)
                }
            } else {
                addTree(file, display, problems)
            }
        }
        // Beside others, an inventory of its own waits to be named.
        let shared = trees.filter { !Self.isSeparate($0) }
        if !shared.isEmpty { trees = shared }
    }

    /// Whether a file says that it is an inventory of its own, in `all.vars.ebb_separate`.
    private static func isSeparate(_ tree: YAMLValue) -> Bool { tree["all"]?["vars"]?["ebb_separate"]?.text == "true" }

    private mutating func addTree(_ file: InventoryFile, _ display: String, _ problems: ProblemCollector) {
        switch file.form {
        case .text: if let value = read(file, display, problems) { trees.append(value) }
        case .listing(let command):
            guard let value = read(file, command, problems) else { return }
            guard let tree = InventoryListing.tree(value, problems) else {
                isPartial = true
                return
            }
            trees.append(tree)
        case .unanswered(let reason, let hint):
            problems.error(at: SourceLocation(file: display, line: 1), reason, hint: hint)
            isPartial = true
        }
    }

    private mutating func read(_ file: InventoryFile, _ display: String, _ problems: ProblemCollector) -> YAMLValue? {
        let value = YAMLText.value(of: file.bytes, file: display, problems: problems)
        if value == nil { isPartial = true }
        return value
    }

    static func isIgnored(_ name: String, _ parts: [String]) -> Bool {
        parts.contains { $0.hasPrefix(".") } || ignoredEndings.contains { name.hasSuffix($0) }
            || parts.count == 1 && companions.contains(name)
    }

    static func withoutEnding(_ name: String) -> String {
        for ending in [".yml", ".yaml", ".json"] where name.hasSuffix(ending) {
            return String(name.dropLast(ending.count))
        }
        return name
    }
}

extension InventoryFile {
    /// Who has to be asked what the file means.
    package var interpreter: Interpreter {
        let parts = path.split(separator: "/").map(String.init)
        guard let name = parts.last, !InventoryFiles.isIgnored(name, parts), InventoryFiles.withoutEnding(name) == name,
            parts.count == 1 || parts[0] != "group_vars" && parts[0] != "host_vars"
        else { return .ebb }
        if isExecutable { return .itself }
        let first = String(decoding: bytes.prefix(4_096), as: UTF8.self).split(whereSeparator: \.isNewline).first {
            !$0.hasPrefix("#") && !$0.hasPrefix(";")
        }
        return name.hasSuffix(".ini") || first?.hasPrefix("[") == true ? .ansible : .ebb
    }
}
