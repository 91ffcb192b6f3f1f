import EbbPlan
package import EbbStore

/// What a rollout calls itself on its hosts: for a person who finds it there, and the same for every
/// process that takes the rollout over.
package enum RolloutLease {
    private static let separator = ", by "

    /// The whole text.
    package static func text(_ rollout: StoredRollout) -> String {
        "rollout \(rollout.id.value) of \(UTCText.rfc3339(rollout.startedAt))" + separator + rollout.lease
    }

    /// The name that only one rollout of one database has; `nil` where the text is no lease of Ebb's.
    static func name(in text: String) -> String? {
        text.firstRange(of: separator).map { String(text[$0.upperBound...]) }
    }
}
