import EbbModel

/// Groups and hosts as the files have them, before anything is merged.
struct GroupTree {
    /// A group while the files are read.
    struct Group {
        var children: [String] = []
        var hosts: [HostName] = []
        /// Variables written inside the group's entry, one value per place.
        var variables: [YAMLValue] = []
        var location: SourceLocation?
    }

    private(set) var groups: [String: Group] = ["all": Group()]
    private(set) var groupOrder: [String] = ["all"]
    private(set) var hostOrder: [HostName] = []
    /// Variables written beside a host's name, one value per place.
    private(set) var hostVariables: [HostName: [YAMLValue]] = [:]
    private(set) var hostLocations: [HostName: SourceLocation] = [:]
    let problems: ProblemCollector

    init(problems: ProblemCollector) { self.problems = problems }

    /// Adds what one file says.
    mutating func add(_ file: YAMLValue) {
        guard !file.isNull else { return }
        guard let entries = file.entries else {
            problems.error(
                at: file.location, "an inventory is a map of groups, not \(file.kind)",
                hint: "begin with “all:”, and “hosts:” or “children:” below it")
            return
        }
        for entry in entries { addGroup(entry, depth: 0) }
    }

    private mutating func addGroup(_ entry: YAMLValue.Entry, depth: Int) {
        guard isGroupName(entry) else { return }
        guard depth < 64 else {
            problems.error(at: entry.keyLocation, "groups stand more than 64 deep in each other")
            return
        }
        if groups[entry.key] == nil {
            groupOrder.append(entry.key)
            groups[entry.key] = Group()
        }
        if groups[entry.key]?.location == nil { groups[entry.key]?.location = entry.keyLocation }
        guard !entry.value.isNull else { return }
        let body = MapReader(entry.value, name: "group \(entry.key)", problems: problems)
        if let hosts = body.value("hosts") { addHosts(hosts, to: entry.key) }
        if let variables = body.value("vars") {
            if variables.entries == nil {
                body.wrong("vars", variables, "a map of variables")
            } else {
                groups[entry.key]?.variables.append(variables)
            }
        }
        if let children = body.value("children") { addChildren(children, to: entry.key, depth: depth) }
        body.finish()
    }

    private mutating func addChildren(_ value: YAMLValue, to group: String, depth: Int) {
        guard let entries = value.entries else {
            problems.error(
                at: value.location, "“children” of group \(group) must be a map of groups, not \(value.kind)",
                hint: "write “name:” on a line of its own for each child")
            return
        }
        for child in entries {
            addGroup(child, depth: depth + 1)
            guard groups[child.key] != nil else { continue }
            if groups[group]?.children.contains(child.key) == false { groups[group]?.children.append(child.key) }
        }
    }

    private mutating func addHosts(_ value: YAMLValue, to group: String) {
        let entries: [YAMLValue.Entry]
        switch value.content {
        case .map(let written): entries = written
        case .scalar(let name, _):
            let nothing = YAMLValue(.null, at: value.location)
            entries = [.init(key: name, keyLocation: value.location, value: nothing)]
        case .null, .list, .tagged:
            problems.error(
                at: value.location, "“hosts” of group \(group) must be a map of hosts, not \(value.kind)",
                hint: "write “name:” for each host, without a dash")
            return
        }
        for entry in entries {
            if entry.value.entries == nil, !entry.value.isNull {
                problems.error(
                    at: entry.value.location,
                    "the variables of host \(entry.key) must be a map, not \(entry.value.kind)")
            }
            do throws(HostRange.Fault) {
                for name in try HostRange.expanded(entry.key) { addHost(name, entry, to: group) }
            } catch { problems.error(at: entry.keyLocation, error.message, hint: error.hint) }
        }
    }

    private mutating func addHost(_ text: String, _ entry: YAMLValue.Entry, to group: String) {
        let name: HostName
        do throws(InvalidHostName) { name = try HostName(text) } catch {
            problems.error(
                at: entry.keyLocation, "“\(PrintableText.line(text))” cannot be the name of a host",
                hint: "letters, digits, “.”, “_”, “-” and “:” only, at most 253 of them")
            return
        }
        if hostLocations[name] == nil {
            hostOrder.append(name)
            hostLocations[name] = entry.keyLocation
        }
        if entry.value.entries != nil { hostVariables[name, default: []].append(entry.value) }
        if groups[group]?.hosts.contains(name) == false { groups[group]?.hosts.append(name) }
    }

    private func isGroupName(_ entry: YAMLValue.Entry) -> Bool {
        let name = entry.key
        if name.holdsOnlyLettersDigits(and: "_-."), !name.isEmpty, !name.hasPrefix("-") { return true }
        problems.error(
            at: entry.keyLocation, "“\(PrintableText.line(name))” cannot be the name of a group",
            hint: "letters, digits, “_”, “-” and “.” only: the rest means something in patterns")
        return false
    }
}
