package import EbbModel

/// Hosts of which some must stay well together, such as the members of an etcd cluster.
package struct QuorumSet: Hashable, Sendable {
    package let name: String
    package let members: [HostName]
    /// How many must be well while another member is down.
    package let healthy: Int

    /// The sets that the settings of a whole fleet name, by name.
    ///
    /// Where members disagree, the largest number counts.
    package static func sets(of fleet: [HostSettings]) -> [QuorumSet] {
        var members: [String: [HostName]] = [:]
        var healthy: [String: Int] = [:]
        for settings in fleet {
            for quorum in settings.reboot.quorum {
                members[quorum.set, default: []].append(settings.host)
                healthy[quorum.set] = max(healthy[quorum.set] ?? 0, quorum.healthy)
            }
        }
        return members.keys.sorted().map { name in
            QuorumSet(name: name, members: (members[name] ?? []).sorted(), healthy: healthy[name] ?? 0)
        }
    }

    /// How many members may be down at once; a limit for the rollout.
    package var spare: Int { max(0, members.count - healthy) }

    /// Why a member must not go down now, in one sentence; `nil` when it may.
    package func reason(toWithhold host: HostName, unavailable: Set<HostName>) -> String? {
        guard members.contains(host) else { return nil }
        let well = members.filter { $0 != host && !unavailable.contains($0) }
        guard well.count < healthy else { return nil }
        return "\(PrintableText.line(name)) needs \(healthy) of \(members.count) members well, "
            + "and without this host only \(well.count) are known to be"
    }
}
