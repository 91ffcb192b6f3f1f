package import EbbModel

/// What is known of a fleet before anybody asks it.
package struct Inventory: Sendable {
    /// A host, with its settings merged from its groups.
    package struct Host: Sendable {
        package let name: HostName
        package let settings: HostSettings
        /// Lists the origins; not the variables themselves, which hold secrets that print would show.
        let listing: @Sendable () -> [Origin]
        /// The parts of the connection that the inventory leaves open to OpenSSH's own files.
        package let open: Set<OpenSetting>

        /// Every setting that was written, and where.
        package var origins: [Origin] { listing() }
    }

    /// One written setting.
    package struct Origin: Sendable, Hashable {
        /// The full name, such as `ebb.root.strategy`.
        package let key: String
        /// The value as written; secrets are masked.
        package let value: String
        package let location: SourceLocation
    }

    /// A part of a connection that `~/.ssh/config` may still decide.
    package enum OpenSetting: String, Sendable, CaseIterable {
        case address, port, user, identityFiles, jumps, knownHosts
    }

    /// A group and what stands directly in it.
    package struct Group: Sendable {
        package let name: String
        package let children: [String]
        package let hosts: [HostName]
        /// Groups above this one, `all` included.
        package let ancestors: Set<String>
        /// Steps from `all`, the longest way.
        package let depth: Int
        package let priority: Int
    }

    /// Every host, in the order of the files.
    package let hosts: [Host]
    /// Every group by name; `all` is one, `ungrouped` too.
    package let groups: [String: Group]
    /// What holds for the controller.
    package let fleet: FleetSettings
    private let membership: [String: Set<HostName>]
    private let positions: [HostName: Int]

    init(hosts: [Host], groups: [String: Group], membership: [String: Set<HostName>], fleet: FleetSettings) {
        (self.fleet, self.hosts, self.groups, self.membership) = (fleet, hosts, groups, membership)
        positions = Dictionary(hosts.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The host of that name.
    package func host(_ name: HostName) -> Host? { positions[name].map { hosts[$0] } }

    /// The hosts in a group or in groups below it, in the order of the files.
    package func members(of group: String) -> [HostName] {
        guard let members = membership[group] else { return [] }
        return members.sorted { (positions[$0] ?? 0, $0.text) < (positions[$1] ?? 0, $1.text) }
    }

    /// Where a host stands in the files.
    func position(of host: HostName) -> Int { positions[host] ?? .max }
}
