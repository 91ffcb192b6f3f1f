package import FoundationEssentials

/// A dataset that must be backed up, and when its newest snapshot was taken.
package struct SafeDataset: Hashable, Sendable, Codable {
    package let name: String
    /// By the host's clock; `nil`: the dataset has no snapshot.
    package let newest: Date?

    package init(name: String, newest: Date?) { (self.name, self.newest) = (name, newest) }
}
