/// What Ebb concludes about one changed path.
package enum PathVerdict: String, Sendable, Codable, CaseIterable {
    /// Declared, and in effect: it survives the next boot.
    case persisted
    /// The system recreates it.
    case managed
    /// Seen to come back by itself after proven boots.
    case regenerated
    /// A person accepted its loss.
    case accepted
    /// The catalogue knows it as noise of every boot.
    case noise
    /// Declared, but a write landed on the ephemeral root: it will be lost.
    case leaked
    /// Nobody has accounted for it: it will be lost.
    case unexplained

    /// Whether the next boot loses something that nobody agreed to lose.
    package var isAtRisk: Bool {
        switch self {
        case .leaked, .unexplained: true
        case .persisted, .managed, .regenerated, .accepted, .noise: false
        }
    }
}
