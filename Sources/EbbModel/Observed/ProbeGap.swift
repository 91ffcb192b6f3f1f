/// Why a question to a host has no answer.
///
/// A gap is data about the host, and never shown as good.
package struct ProbeGap: Error, Hashable, Sendable, Codable {
    /// What kept the answer away.
    package enum Reason: String, Sendable, Codable, CaseIterable {
        /// The host was not reached; `message` holds the transport's code and text.
        case unreachable
        /// The probe's program is not installed on the host.
        case toolMissing
        /// The probe ended with a status other than 0.
        case failed
        /// The probe wrote to standard error, so its output may be partial.
        case complained
        /// The probe was stopped by its time limit.
        case timedOut
        /// The output ended before its closing mark.
        case truncated
        /// The output was not in the expected form.
        case unparseable
        /// What is declared and what is there do not fit together.
        case mismatch
        /// The question could not be asked with what the inventory says.
        case notConfigured
        /// The question was left out of a quick observation.
        case notAsked
    }

    /// The probe's name, such as `boot-id` or `drift`.
    package let probe: String
    /// The kind of trouble.
    package let reason: Reason
    /// One sentence for a person; may hold text of the host, so print it escaped.
    package let message: String

    package init(probe: String, reason: Reason, message: String = "") {
        (self.probe, self.reason, self.message) = (probe, reason, message)
    }

    /// The answer of a database that holds nothing of the host.
    package static let neverObserved = ProbeGap(
        probe: "store", reason: .notConfigured, message: "it was never observed")

    /// The gap for a person; it may hold text of the host, so print it escaped.
    package var words: String {
        let said = message.isEmpty ? reason.words : message
        return probe == "store" ? said : "\(probe): \(said)"
    }

    /// Whether it leaves open what changed on the root, and nothing of how a boot went.
    ///
    /// Of the blank a boot's proof needs to know as well.
    package var isAboutDrift: Bool { probe == "drift" || isAboutBlank }

    /// Whether it leaves open what the root was made from.
    package var isAboutBlank: Bool { probe == Self.blank }

    /// What gaps about the blank are called, whichever probe found them.
    package static let blank = "blank"
}

extension ProbeGap.Reason {
    /// What is said where the host said nothing.
    fileprivate var words: String {
        switch self {
        case .unreachable: "the host was not reached"
        case .toolMissing: "its program is not installed on the host"
        case .failed: "it failed"
        case .complained: "it complained"
        case .timedOut: "it took too long"
        case .truncated: "its answer was cut short"
        case .unparseable: "its answer was not understood"
        case .mismatch: "what is declared and what is there differ"
        case .notConfigured: "the inventory does not say what to ask"
        case .notAsked: "it was not asked"
        }
    }
}
