/// What is known about one boot: whether the root was erased and the declared state kept.
package struct BootVerdict: Hashable, Sendable, Codable {
    /// Whether the root went back to its blank.
    package enum Erasure: String, Sendable, Codable, CaseIterable {
        case erased
        case notErased = "not-erased"
        case unknown
    }

    /// Whether what was declared came through.
    package enum Retention: String, Sendable, Codable, CaseIterable {
        /// The data are there.
        case kept
        /// Something declared does not lie where a boot keeps it.
        case leaked
        /// Something declared that had to come through did not.
        case lost
        /// The host keeps nothing, by its inventory.
        case notApplicable = "not-applicable"
        case unknown
    }

    package let erasure: Erasure
    package let retention: Retention
    /// What became of the content of each declared path; `nil`: nobody looked.
    package let census: [CensusFinding]?
    /// One sentence per piece of evidence, good or bad, in the order in which it was weighed.
    package let reasons: [String]

    package init(erasure: Erasure, retention: Retention, census: [CensusFinding]? = nil, reasons: [String]) {
        (self.erasure, self.retention, self.census, self.reasons) = (erasure, retention, census, reasons)
    }

    /// Declared content that is not as it was on record, of which nobody knows whether this boot did it.
    package var undecided: [CensusFinding] { census?.filter(\.isUndecided) ?? [] }
    /// Whether something is known to have survived that should not have, or to be gone that should be there.
    package var isFailed: Bool { erasure == .notErased || retention == .leaked || retention == .lost }
    /// Whether the boot proves that the host's state is tracked.
    package var isProven: Bool { erasure == .erased && (retention == .kept || retention == .notApplicable) }
}
