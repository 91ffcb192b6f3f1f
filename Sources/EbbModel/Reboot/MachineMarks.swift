/// What a machine is known by, whatever name leads to it.
package struct MachineMarks: Hashable, Sendable, Codable {
    package var machineID: String?
    /// Fingerprints of SSH host keys, by the type of the key.
    package var hostKeys: [String: String]
    /// The board's or the system's serial number; never a placeholder.
    package var serial: String?

    package init(machineID: String? = nil, hostKeys: [String: String] = [:], serial: String? = nil) {
        (self.machineID, self.hostKeys, self.serial) = (machineID, hostKeys, serial.flatMap(Self.serial))
    }

    /// A serial number as it may be compared; `nil` for an empty one and for what makers leave in its place.
    package static func serial(_ text: String) -> String? {
        let words = text.split { $0.isWhitespace || $0 == "\0" }.joined(separator: " ")
        let bare = words.lowercased().filter { $0.isLetter || $0.isNumber }
        guard bare.count > 1, Set(bare).count > 1, !placeholders.contains(bare),
            !placeholders.contains(where: { $0.count > 8 && bare.hasPrefix($0) })
        else { return nil }
        return words
    }

    /// What stands where a serial number should, in small letters and digits only.
    private static let placeholders: Set<String> = [
        "tobefilledbyoem", "tobefilled", "defaultstring", "none", "null", "systemserialnumber", "boardserialnumber",
        "baseboardserialnumber", "chassisserialnumber", "serialnumber", "serial", "notspecified", "notapplicable",
        "notavailable", "notprovided", "notset", "na", "unknown", "empty", "invalid", "oem", "nodata", "sample",
        "0123456789", "123456789", "1234567890", "12345678", "123456", "12345", "1234567", "01234567",
        "0123456789abcdef", "systemserialnumb", "sernum", "biosserialnumber", "unspecified", "undefined",
    ]

    /// Whether two names lead to one machine.
    package enum Relation: String, Sendable, Codable {
        /// Every mark that both have agrees, and at least two do.
        case same
        /// Some marks agree, and some do not.
        case unclear
        /// Two machines, or nothing that says otherwise.
        case other
    }

    /// The names of the marks that both have: those that agree, and those that do not.
    package func compared(to other: MachineMarks) -> (agree: [String], differ: [String]) {
        var (agree, differ): ([String], [String]) = ([], [])
        func take(_ name: String, _ isEqual: Bool?) {
            guard let isEqual else { return }
            if isEqual { agree.append(name) } else { differ.append(name) }
        }
        take("machine-id", both(machineID, other.machineID))
        let types = hostKeys.keys.filter { other.hostKeys[$0] != nil }
        take("host key", types.isEmpty ? nil : types.allSatisfy { hostKeys[$0] == other.hostKeys[$0] })
        take("serial", both(serial, other.serial))
        return (agree, differ)
    }

    private func both(_ one: String?, _ two: String?) -> Bool? {
        guard let one, let two else { return nil }
        return one == two
    }

    /// How the marks of two names stand to each other.
    package func relation(to other: MachineMarks) -> Relation {
        let (agree, differ) = compared(to: other)
        if differ.isEmpty { return agree.count >= 2 ? .same : .other }
        return agree.isEmpty ? .other : .unclear
    }

    /// Every mark by its name, in the order in which they are shown.
    package var named: [(name: String, value: String)] {
        var marks = machineID.map { [("machine-id", $0)] } ?? []
        marks += hostKeys.sorted { $0.key < $1.key }.map { ("host key", "\($0.key) \($0.value)") }
        return marks + (serial.map { [("serial", $0)] } ?? [])
    }

    /// What equals another's where this mark does.
    fileprivate var buckets: [String] { named.map { "\($0.name) \($0.value)" } }
}

/// Which of a fleet's names lead to one machine: slots, leases and turns go by machine.
package struct Machines: Sendable {
    /// A name beside another one.
    private struct Neighbour {
        let relation: MachineMarks.Relation
        let agree: [String]
        let differ: [String]
    }

    /// What each name is known by.
    package let marks: [HostName: MachineMarks]
    private var neighbours: [HostName: [HostName: Neighbour]] = [:]
    private var groups: [HostName: Set<HostName>] = [:]

    /// Compares the marks of every name.
    ///
    /// `accepted` are marks with which a person said that a name is a machine of its own: what is unclear
    /// about it ends as long as it has these.
    package init(_ marks: [HostName: MachineMarks] = [:], accepted: [HostName: MachineMarks] = [:]) {
        self.marks = marks
        var buckets: [String: [HostName]] = [:]
        for (host, marks) in marks { for bucket in marks.buckets { buckets[bucket, default: []].append(host) } }
        for hosts in buckets.values where hosts.count > 1 {
            let sorted = hosts.sorted()
            // Where a whole fleet shares a mark each is held against the first ones: one machine with another
            // it is by a second mark, and a smaller set.
            for (index, one) in sorted.prefix(16).enumerated() {
                for two in sorted[(index + 1)...] { compare(one, two, accepted) }
            }
        }
        for host in neighbours.keys where groups[host] == nil {
            var group: Set<HostName> = [host]
            var queue = [host]
            while let next = queue.popLast() {
                for other in (neighbours[next] ?? [:]).keys where group.insert(other).inserted { queue.append(other) }
            }
            for member in group { groups[member] = group }
        }
    }

    private mutating func compare(_ one: HostName, _ two: HostName, _ accepted: [HostName: MachineMarks]) {
        guard let left = marks[one], let right = marks[two], neighbours[one]?[two] == nil else { return }
        let relation = left.relation(to: right)
        guard relation != .other else { return }
        if relation == .unclear, accepted[one] == left || accepted[two] == right { return }
        let (agree, differ) = left.compared(to: right)
        let neighbour = Neighbour(relation: relation, agree: agree, differ: differ)
        neighbours[one, default: [:]][two] = neighbour
        neighbours[two, default: [:]][one] = neighbour
    }

    /// Every name of the host's machine, its own among them; those that may be one count as one.
    package func names(of host: HostName) -> Set<HostName> { groups[host] ?? [host] }

    /// The other names of the host's machine, or those that may be, sorted.
    package func others(of host: HostName, _ relation: MachineMarks.Relation) -> [HostName] {
        (neighbours[host] ?? [:]).filter { $0.value.relation == relation }.keys.sorted()
    }

    /// Why nobody can say whether the host is one machine with another of these; `nil`: it is clear.
    package func isUnclear(_ host: HostName, beside known: (HostName) -> Bool) -> String? {
        let first = others(of: host, .unclear).first(where: known)
        guard let first, let marks = neighbours[host]?[first] else { return nil }
        let verbs = (marks.agree.count == 1 ? "is" : "are", marks.differ.count == 1 ? "is" : "are")
        return "identity-unclear: its \(marks.agree.joined(separator: " and ")) \(verbs.0) that of \(first), its "
            + "\(marks.differ.joined(separator: " and ")) \(verbs.1) not; if they are two machines: "
            + "`ebb host accept \(host) machine --reason …`"
    }

    /// Why the host must not go down beside machines that hold slots; `nil`: it may.
    package func refusal(of host: HostName, among slots: [Slot], known: (HostName) -> Bool) -> String? {
        let holders = Set(slots.compactMap(\.host))
        if let words = isUnclear(host, beside: { known($0) || holders.contains($0) }) { return words }
        guard let other = others(of: host, .same).first(where: holders.contains) else { return nil }
        return "it is one machine with \(other), which holds a slot"
    }
}
