package import FoundationEssentials

/// A person's word that something must not be rebooted, until it is lifted or expires.
package struct StopFlag: Hashable, Sendable, Codable {
    /// What a flag stops.
    package enum Scope: Hashable, Sendable, Codable {
        case fleet
        case group(String)
        case host(HostName)
    }

    package let scope: Scope
    package let reason: String
    /// Who set it.
    package let author: String
    package let setAt: Date
    /// The first instant at which it no longer holds; `nil` means until it is lifted.
    package let expiresAt: Date?

    package init(scope: Scope, reason: String, author: String, setAt: Date, expiresAt: Date? = nil) {
        (self.scope, self.reason, self.author, self.setAt, self.expiresAt) = (scope, reason, author, setAt, expiresAt)
    }

    /// Whether the flag holds at that instant.
    package func holds(at now: Date) -> Bool {
        guard let expiresAt else { return true }
        return now < expiresAt
    }

    /// Whether the flag, while it holds, stops this host.
    package func concerns(_ host: HostName, in groups: [String]) -> Bool {
        switch scope {
        case .fleet: true
        case .group(let group): groups.contains(group)
        case .host(let stopped): stopped == host
        }
    }
}
