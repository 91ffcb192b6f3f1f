/// What a host must show, one question each.
package enum Control: String, Sendable, Codable, CaseIterable {
    /// The host answers.
    case reachable
    /// Drift was judged from a complete and recent observation.
    case observationFresh = "observation-fresh"
    /// The root is erased in the way that the inventory says.
    case eraseMechanism = "erase-mechanism"
    /// A boot that cannot erase the root stops instead of continuing with it.
    case eraseFailClosed = "erase-fail-closed"
    /// The newest boot erased the root and kept what is declared.
    case lastBoot = "last-boot"
    /// A recent boot was proven.
    case provenBoot = "proven-boot"
    /// Everything declared is in effect.
    case persistenceVerified = "persistence-verified"
    /// No write meant for persistent storage lands on the ephemeral root.
    case leakedState = "leaked-state"
    /// Nothing has been unexplained for longer than the grace.
    case unexplainedState = "unexplained-state"
    /// The blank is the one that it was.
    case blankUnchanged = "blank-unchanged"
    /// What is backed up has a recent snapshot.
    case safeSnapshots = "safe-snapshots"
    /// Nobody has held the host back for long.
    case stopFlags = "stop-flags"

    /// The question in a few words, for people.
    package var title: String {
        switch self {
        case .reachable: "Reachable"
        case .observationFresh: "Observation fresh"
        case .eraseMechanism: "Erase mechanism"
        case .eraseFailClosed: "Erase fails closed"
        case .lastBoot: "Last boot"
        case .provenBoot: "Proven boot"
        case .persistenceVerified: "Persistence verified"
        case .leakedState: "No leaked state"
        case .unexplainedState: "No unexplained state"
        case .blankUnchanged: "Blank unchanged"
        case .safeSnapshots: "Safe snapshots"
        case .stopFlags: "Stop flags"
        }
    }

    /// What the control demands, in one sentence.
    package var requirement: String {
        switch self {
        case .reachable: "The host answered when it was last asked."
        case .observationFresh: "The newest complete observation is not older than the policy allows."
        case .eraseMechanism: "The root is erased in the way that the inventory declares."
        case .eraseFailClosed: "A boot that cannot erase the root stops before the root is used."
        case .lastBoot: "The newest boot erased the root and kept everything declared."
        case .provenBoot: "The last proven boot is not older than the policy allows."
        case .persistenceVerified:
            "Every declared path is in effect on persistent storage, with its declared attributes."
        case .leakedState: "No write to a declared path lands on the ephemeral root."
        case .unexplainedState: "No more paths than the policy tolerates stay unexplained beyond the grace."
        case .blankUnchanged: "The blank that boots go back to is the recorded one."
        case .safeSnapshots: "Every dataset that is backed up has a snapshot as recent as the policy demands."
        case .stopFlags: "No stop flag holds the host back for longer than the policy allows."
        }
    }
}
