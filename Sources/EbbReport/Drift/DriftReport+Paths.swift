package import EbbModel
package import FoundationEssentials

extension DriftReport {
    /// A path, or a directory that is new as a whole, and the hosts that have it.
    package struct SharedPath: EntryRow, Sendable {
        /// The most dangerous of the hosts' lines.
        package let line: Line
        package let hosts: [HostName]
        /// Summed over the hosts, where it is known.
        package let size: Int64?

        package var entry: DriftEntry { line.entry }
        package var entryCount: Int { line.entryCount }
        package var firstSeenAt: Date? { line.firstSeen }
    }

    /// One line per path over all hosts: what is common is mostly one cause.
    package var sharedPaths: [SharedPath] {
        var groups: [BytePath: [(HostName, Line)]] = [:]
        for host in hosts {
            for line in host.lines { groups[line.entry.change.path, default: []].append((host.host, line)) }
        }
        return groups.values.compactMap { group -> SharedPath? in
            guard let worst = group.map(\.1).min(by: Self.isMoreDangerous) else { return nil }
            let sizes = group.compactMap(\.1.size)
            return SharedPath(line: worst, hosts: group.map(\.0), size: sizes.isEmpty ? nil : sizes.clampedSum)
        }.sorted { left, right in
            left.hosts.count == right.hosts.count
                ? Self.isMoreDangerous(left.line, right.line) : left.hosts.count > right.hosts.count
        }
    }

    private var whichHosts: ReportColumn<SharedPath> {
        .init("hosts", shrinks: true) { shared in
            let isEverywhere = shared.hosts.count == hosts.count && hosts.count > 1
            let names = shared.hosts.map(\.text).joined(separator: ", ")
            return .hosts(shared.hosts, short: isEverywhere ? "all" : names)
        }
    }

    /// The report by path, for a person.
    package func pathsText(width: Int?, color: Bool) -> String {
        let table = TextTable.of(
            sharedPaths,
            [.path, .verdict, .stateClass, .size, .init("on", nil, .right) { .number($0.hosts.count) }, whichHosts])
        let rendered = table.rendered(width: width, color: color)
        return rendered + (rendered.isEmpty ? "" : "\n") + unknowns(color: color) + conclusion(color: color)
    }

    /// The document `ebb.drift.paths/1`.
    package var pathsJSON: JSON {
        [
            "schema": "ebb.drift.paths/1", "generatedAt": .instant(generatedAt), "complete": .bool(isComplete),
            "paths": .array(sharedPaths.map { .object($0, ReportColumn.ofEntry + [whichHosts]) }),
            "unknown": .strings(hosts.filter { !$0.isComplete }.map(\.host.text)),
        ]
    }
}
