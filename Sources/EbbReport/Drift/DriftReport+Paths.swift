package import EbbModel

extension DriftReport {
    /// A path, or a directory that is new as a whole, and the hosts that have it.
    package struct SharedPath: Sendable {
        /// The most dangerous of the hosts' lines.
        package let line: Line
        package let hosts: [HostName]
        /// Summed over the hosts, where it is known.
        package let size: Int64?
    }

    /// One line per path over all hosts: what is common is mostly one cause.
    package var sharedPaths: [SharedPath] {
        var groups: [BytePath: [(HostName, Line)]] = [:]
        for host in hosts {
            for line in host.lines {
                groups[line.entry.change.path, default: []].append((host.host, line))
            }
        }
        return groups.values.compactMap { group -> SharedPath? in
            guard let worst = group.map(\.1).min(by: Self.isMoreDangerous) else { return nil }
            let sizes = group.compactMap(\.1.size)
            return SharedPath(
                line: worst, hosts: group.map(\.0),
                size: sizes.isEmpty ? nil : sizes.clampedSum)
        }.sorted { left, right in
            left.hosts.count == right.hosts.count
                ? Self.isMoreDangerous(left.line, right.line)
                : left.hosts.count > right.hosts.count
        }
    }

    /// The report by path, for a person.
    package func pathsText(width: Int?, color: Bool) -> String {
        var table = TextTable([
            .init("PATH", shrinks: true), .init("VERDICT"), .init("CLASS"), .init("SIZE", .right),
            .init("ON", .right), .init("HOSTS", shrinks: true),
        ])
        for shared in sharedPaths {
            let change = shared.line.entry.change
            table.add([
                .init(change.path.printable + (change.kind == .directory ? "/" : "")),
                .init(shared.line.entry.verdict.rawValue, shared.line.entry.verdict.role),
                .init(shared.line.entry.stateClass.rawValue),
                .init(ByteCount.text(shared.size)), .init(shared.hosts.count),
                .init(
                    shared.hosts.count == hosts.count && hosts.count > 1
                        ? "all" : shared.hosts.map(\.text).joined(separator: ", ")),
            ])
        }
        let rendered = table.rendered(width: width, color: color)
        return rendered + (rendered.isEmpty ? "" : "\n") + unknowns(color: color)
            + conclusion(color: color)
    }

    /// The document `ebb.drift.paths/1`.
    package var pathsJSON: JSON {
        [
            "schema": "ebb.drift.paths/1",
            "generatedAt": .string(JSONText.instant(generatedAt)),
            "complete": .bool(isComplete),
            "paths": .array(
                sharedPaths.map { shared in
                    let change = shared.line.entry.change
                    var members: [JSON.Member] = [.init("path", .string(change.path.printable))]
                    if change.path.text == nil {
                        members.append(.init("pathBase64", .string(change.path.base64)))
                    }
                    members += [
                        .init("verdict", .string(shared.line.entry.verdict.rawValue)),
                        .init("class", .string(shared.line.entry.stateClass.rawValue)),
                        .init("kind", .string(change.kind.rawValue)),
                        .init("size", .optional(shared.size) { .count($0) }),
                        .init("hosts", .strings(shared.hosts.map(\.text))),
                    ]
                    return .object(members)
                }),
            "unknown": .strings(hosts.filter { !$0.isComplete }.map(\.host.text)),
        ]
    }
}
