/// Hosts of which enough must stay healthy, whatever else is allowed.
package struct QuorumRule: Hashable, Sendable, Codable {
    /// What the set is called in reports, such as `etcd`.
    package var name: String
    /// The hosts, as an inventory pattern.
    package var members: String
    /// How many of them must be healthy while another one is down.
    package var atLeast: RebootSettings.Count
    /// A command that must succeed on a member for it to count, through `sh -c`.
    package var check: String?

    package init(
        name: String, members: String, atLeast: RebootSettings.Count, check: String? = nil
    ) {
        self.name = name
        self.members = members
        self.atLeast = atLeast
        self.check = check
    }
}
