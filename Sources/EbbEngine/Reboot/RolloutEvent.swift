package import EbbModel
package import EbbPlan
package import EbbStore

/// Something that happened in a rollout, for whoever watches it.
package enum RolloutEvent: Sendable {
    /// A rollout was found whose process has ended; it is brought to its end.
    case interrupted(RolloutID)
    /// A rollout of another process was taken over: how many hosts had ended, were in the middle of an
    /// attempt, and had not had their turn.
    case resumed(RolloutID, ended: Int, ongoing: Int, left: Int, startsMore: Bool)
    /// A rollout runs in this process from now on; what follows is about it until it is finished.
    case began(RolloutStart)
    /// Another process holds the database; the rollout waits for it.
    case databaseBusy
    /// The database failed, and this is how a host was left.
    case left(HostName, String)
    /// Somebody wants it to start nothing more.
    case abortRequested(AbortRequest)
    /// A host's attempt moved on.
    case entered(HostName, AttemptState, note: String)
    /// A host is being waited for; `last` is what its last probe met.
    case waiting(HostName, elapsed: Duration, last: String)
    /// A host's attempt ended.
    case ended(HostName, AttemptEnd)
    /// The rollout ended.
    case finished(Rollout.State)
    /// A host of an earlier rollout had stayed away, and its boot was judged now.
    case judgedLate(HostName, RolloutID, AttemptEnd)
}

/// What a rollout starts from in this process.
package struct RolloutStart: Sendable {
    package let rollout: RolloutID
    package let plan: RebootPlan
    /// Hosts that had their turn before.
    package var ended: [HostName: AttemptReason] = [:]
    /// How long each host's boots usually take, in seconds, as far as that is known.
    package var usual: [HostName: Int] = [:]
    /// Whether another process began it.
    package var isResumed = false
}
