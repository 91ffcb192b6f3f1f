package import EbbModel

/// The end of one host's attempt: a reason from the closed list, and what it rests on.
package struct AttemptEnd: Hashable, Sendable, Codable {
    package let reason: AttemptReason
    /// One sentence for a person.
    package let message: String
    /// What the boot proved, where there was one to judge.
    package let verdict: BootVerdict?

    package init(_ reason: AttemptReason, _ message: String, verdict: BootVerdict? = nil) {
        (self.reason, self.message, self.verdict) = (reason, message, verdict)
    }

    /// The same end, with more to say.
    package func adding(_ words: String) -> AttemptEnd { AttemptEnd(reason, "\(message); \(words)", verdict: verdict) }
}
