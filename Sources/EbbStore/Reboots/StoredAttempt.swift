package import EbbModel
package import FoundationEssentials

/// What a step of an attempt learned; `nil` members leave what is stored as it is.
package struct AttemptChange: Sendable, Hashable {
    package var bootIDBefore: BootID?
    package var bootIDAfter: BootID?
    package var sentAt: Date?
    package var deadline: Date?
    package var verdict: BootVerdict?
    package var reason: String?

    package init(
        bootIDBefore: BootID? = nil, bootIDAfter: BootID? = nil, sentAt: Date? = nil, deadline: Date? = nil,
        verdict: BootVerdict? = nil, reason: String? = nil
    ) {
        (self.bootIDBefore, self.bootIDAfter, self.sentAt) = (bootIDBefore, bootIDAfter, sentAt)
        (self.deadline, self.verdict, self.reason) = (deadline, verdict, reason)
    }
}

/// One attempt to reboot one host, as it is stored.
package struct StoredAttempt: Sendable, Hashable {
    package let id: AttemptID
    package let rollout: RolloutID
    package let host: HostName
    package let wave: Int
    /// 1 for the first attempt at the host in its rollout.
    package let number: Int
    package let state: AttemptState
    package let bootIDBefore: BootID?
    package let bootIDAfter: BootID?
    package let sentAt: Date?
    package let deadline: Date?
    package let verdict: BootVerdict?
    package let reason: String?
    package let createdAt: Date
    package let updatedAt: Date
    /// Whether the rollout still keeps other rollouts away from the host.
    package let holdsHost: Bool
    /// The newest line of its journal.
    package let lastEvent: AttemptEvent
    /// The decision of a person, where there is one.
    package let override: AttemptOverride?
}

/// One line of an attempt's journal.
package struct AttemptEvent: Sendable, Hashable {
    package let state: AttemptState
    package let at: Date
    package let detail: [String: String]
    package let evidence: EvidenceID
}

/// A person's decision that an attempt's slot is free.
package struct AttemptOverride: Sendable, Hashable {
    package let at: Date
    package let author: String
    package let reason: String
    package let evidence: EvidenceID
}
