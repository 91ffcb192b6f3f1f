package import EbbModel
package import FoundationEssentials

/// How a rollout stands.
package enum RolloutState: String, Sendable, Codable, CaseIterable {
    /// Somebody runs it, or ended without saying so.
    case running
    /// Every host had its turn.
    case finished
    /// The failure budget or a stop flag ended it.
    case halted
    /// A person ended it.
    case aborted
}

/// A host and the wave in which it is rebooted, the first being 0.
package struct RolloutHost: Sendable, Hashable {
    package let host: HostName
    package let wave: Int

    package init(host: HostName, wave: Int) { (self.host, self.wave) = (host, wave) }
}

/// One rollout, as it is stored.
package struct StoredRollout: Sendable, Hashable {
    package let id: RolloutID
    package let pattern: String
    /// The plan as JSON, exactly as it was given.
    package let plan: String
    package let planHash: String
    package let controller: ControllerIdentity
    /// Grows with every controller that takes the rollout over.
    package let fence: Int
    /// What the rollout calls itself on its hosts, beside its number.
    package let lease: String
    package let startedAt: Date
    package let state: RolloutState
    package let endedAt: Date?
    /// Why it was halted or aborted.
    package let reason: String?
    /// The hosts, in the plan's order.
    package let hosts: [RolloutHost]
}
