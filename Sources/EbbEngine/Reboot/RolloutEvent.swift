package import EbbModel
package import EbbPlan

/// Something that happened in a rollout, for whoever watches it.
package enum RolloutEvent: Sendable {
    /// A host's attempt moved on.
    case entered(HostName, AttemptState, note: String)
    /// A host is being waited for; `last` is what its last probe met.
    case waiting(HostName, elapsed: Duration, last: String)
    /// A host's attempt ended.
    case ended(HostName, AttemptEnd)
    /// The rollout ended.
    case finished(Rollout.State)
}
