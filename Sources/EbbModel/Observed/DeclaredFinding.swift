/// Whether one declared path is really kept at the time of the observation.
package struct DeclaredFinding: Hashable, Sendable, Codable {
    /// The closed list of answers.
    package enum Verdict: String, Sendable, Codable, CaseIterable {
        /// Reads and writes of the path reach persistent storage.
        case inEffect = "in-effect"
        /// Writes land on the ephemeral root and will be lost.
        case leaked
        /// Nothing is at the target on persistent storage.
        case missing
        /// It survives, and services cannot write to it.
        case readOnly = "read-only"
        /// In effect, but owner, group or mode are not the declared ones.
        case wrongAttributes = "wrong-attributes"
        /// The host did not say enough.
        case unknown

        /// Whether it shows that the declaration is not what is.
        package var isDisproof: Bool {
            switch self {
            case .leaked, .missing, .readOnly, .wrongAttributes: true
            case .inEffect, .unknown: false
            }
        }
    }

    package let entry: PersistenceEntry
    package let verdict: Verdict
    /// One sentence for a person.
    package let reason: String

    package init(entry: PersistenceEntry, verdict: Verdict, reason: String) {
        (self.entry, self.verdict, self.reason) = (entry, verdict, reason)
    }
}
