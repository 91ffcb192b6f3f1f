/// What is known about one boot: whether the root was erased and the declared state kept.
package struct BootVerdict: Hashable, Sendable, Codable {
    /// Whether the root went back to its blank.
    package enum Erasure: String, Sendable, Codable, CaseIterable {
        case erased
        case notErased = "not-erased"
        case unknown
    }

    /// Whether what was declared came through.
    package enum Retention: String, Sendable, Codable, CaseIterable { case kept, leaked, unknown }

    package let erasure: Erasure
    package let retention: Retention
    /// One sentence per piece of evidence, good or bad, in the order in which it was weighed.
    package let reasons: [String]

    package init(erasure: Erasure, retention: Retention, reasons: [String]) {
        (self.erasure, self.retention, self.reasons) = (erasure, retention, reasons)
    }

    /// Whether the boot proves that the host's state is tracked.
    package var isProven: Bool { erasure == .erased && retention == .kept }
}
