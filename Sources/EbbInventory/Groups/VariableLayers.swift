import EbbModel

/// Merges the variables of each host: `all`, then groups from the outermost to the nearest and by
/// priority, then the host itself.
struct VariableLayers {
    /// The variables of one group, merged, with what its own files disagree about.
    private struct Layer {
        let group: String
        let depth: Int
        let priority: Int
        let value: YAMLValue
    }

    /// The merged variables of hosts that are in the same groups.
    private struct Shared {
        var value: YAMLValue
        var conflicts: [SettingsMerge.Conflict]
        let layers: [Layer]
    }

    private let problems: ProblemCollector
    private let graph: GroupGraph
    private var layers: [String: Layer] = [:]
    private var hostLayers: [HostName: YAMLValue] = [:]
    private var directGroups: [HostName: [String]] = [:]
    private var cache: [[String]: Shared] = [:]
    private var conflicts: [SettingsMerge.Conflict: [HostName]] = [:]
    /// The variable `ebb_fleet`, where it is written.
    private(set) var fleet: YAMLValue?

    init(_ files: InventoryFiles, _ tree: GroupTree, _ graph: GroupGraph, _ problems: ProblemCollector) {
        (self.problems, self.graph) = (problems, graph)
        for name in tree.groupOrder {
            let inline = tree.groups[name]?.variables ?? []
            let own = Self.own(inline, files.groups[name] ?? [], of: "group \(name)", problems)
            takeFleet(own.fleet, of: name)
            layers[name] = Layer(
                group: name, depth: graph.depths[name] ?? 1, priority: own.priority ?? 1, value: own.value)
            for host in tree.groups[name]?.hosts ?? [] { directGroups[host, default: []].append(name) }
        }
        for host in tree.hostOrder {
            let own = Self.own(
                tree.hostVariables[host] ?? [], files.hosts[host.text] ?? [], of: "host \(host)", problems)
            takeFleet(own.fleet, of: nil)
            hostLayers[host] = own.value
        }
    }

    /// Takes what holds for the controller; only one place may say it, and only for `all`.
    private mutating func takeFleet(_ values: [YAMLValue], of group: String?) {
        for value in values {
            if group != "all" {
                problems.error(
                    at: value.location, "ebb_fleet is about the whole fleet",
                    hint: "write it among the variables of the group all")
            } else if let fleet {
                problems.error(
                    at: value.location, "ebb_fleet is written twice", hint: "the first is at \(fleet.location)")
            } else {
                fleet = value
            }
        }
    }

    /// The rank of a group among those of its depth.
    func priority(of group: String) -> Int { layers[group]?.priority ?? 1 }

    /// A host's groups, nearest first, without `all`.
    func groups(of host: HostName) -> [String] {
        Self.ordered(applying(to: host).compactMap { layers[$0] }).map(\.group).filter { $0 != "all" }.reversed()
    }

    /// The merged variables of a host, as a map.
    mutating func variables(of host: HostName) -> YAMLValue {
        let shared = shared(by: host)
        let own = hostLayers[host] ?? YAMLValue(.map([]), at: shared.value.location)
        for conflict in shared.conflicts where !SettingsMerge.settles(own, conflict.path) {
            conflicts[conflict, default: []].append(host)
        }
        return SettingsMerge.merged(shared.value, under: own)
    }

    /// The group that says how many hosts may be unavailable: those of that group are counted.
    mutating func budgetGroup(of host: HostName) -> String? {
        let isSet = { (value: YAMLValue) in value["ebb"]?["reboot"]?["max_unavailable"] != nil }
        if let own = hostLayers[host], isSet(own) { return groups(of: host).first }
        return shared(by: host).layers.last { isSet($0.value) }?.group
    }

    /// Reports what groups of equal rank disagree about, once for all hosts concerned.
    func reportConflicts() {
        for (conflict, hosts) in conflicts {
            let names = hosts.prefix(3).map(\.text).joined(separator: ", ")
            let more = hosts.count > 3 ? " and \(hosts.count - 3) more" : ""
            problems.error(
                at: conflict.one,
                "groups of equal rank set \(conflict.path.joined(separator: ".")) differently: "
                    + "here and at \(conflict.other); it concerns \(names)\(more)",
                hint: "set it on the host, or give one group a higher ebb_priority")
        }
    }

    private mutating func shared(by host: HostName) -> Shared {
        let names = applying(to: host)
        if let known = cache[names] { return known }
        let ordered = Self.ordered(names.compactMap { layers[$0] })
        let start = SourceLocation(file: "", line: 0)
        var shared = Shared(value: YAMLValue(.map([]), at: start), conflicts: [], layers: ordered)
        var index = 0
        while index < ordered.count {
            let rank = ordered[index...].prefix {
                $0.depth == ordered[index].depth && $0.priority == ordered[index].priority
            }
            index = rank.endIndex
            guard let united = SettingsMerge.united(rank.map(\.value)) else { continue }
            shared.conflicts.removeAll { SettingsMerge.settles(united.value, $0.path) }
            shared.conflicts += united.conflicts
            shared.value = SettingsMerge.merged(shared.value, under: united.value)
        }
        cache[names] = shared
        return shared
    }

    /// Every group that a host is in, directly or not, `all` included, in a fixed order.
    private func applying(to host: HostName) -> [String] {
        var names: Set<String> = ["all"]
        for group in directGroups[host] ?? [] {
            names.insert(group)
            names.formUnion(graph.ancestors[group] ?? [])
        }
        return names.sorted()
    }

    private static func ordered(_ layers: [Layer]) -> [Layer] {
        layers.sorted { ($0.depth, $0.priority, $0.group) < ($1.depth, $1.priority, $1.group) }
    }

    /// What is written for one group or host: beside its name first, then in files of its own.
    private static func own(_ inline: [YAMLValue], _ files: [YAMLValue], of owner: String, _ problems: ProblemCollector)
        -> (value: YAMLValue, priority: Int?, fleet: [YAMLValue])
    {
        var value = YAMLValue(.map([]), at: SourceLocation(file: "", line: 0))
        var priority: Int?
        var fleet: [YAMLValue] = []
        for places in [inline, files] {
            let read = places.map { Variables($0, problems: problems) }
            priority = read.compactMap(\.priority).last ?? priority
            fleet += read.compactMap(\.fleet)
            guard let united = SettingsMerge.united(read.map(\.value)) else { continue }
            for conflict in united.conflicts {
                problems.error(
                    at: conflict.one,
                    "\(conflict.path.joined(separator: ".")) of \(owner) is set differently here "
                        + "and at \(conflict.other)", hint: "keep one of them")
            }
            value = SettingsMerge.merged(value, under: united.value)
        }
        return (value, priority, fleet)
    }
}
