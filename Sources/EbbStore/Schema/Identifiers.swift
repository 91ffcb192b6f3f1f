/// The number of one collection: one look at one host.
package struct CollectionID: Hashable, Sendable, Codable, Comparable {
    package let value: Int64

    package init(_ value: Int64) { self.value = value }

    package static func < (left: CollectionID, right: CollectionID) -> Bool {
        left.value < right.value
    }
}

/// The number of one row of the evidence chain.
package struct EvidenceID: Hashable, Sendable, Codable, Comparable {
    package let value: Int64

    package init(_ value: Int64) { self.value = value }

    package static func < (left: EvidenceID, right: EvidenceID) -> Bool {
        left.value < right.value
    }
}

/// The number of one rollout.
package struct RolloutID: Hashable, Sendable, Codable {
    package let value: Int64

    package init(_ value: Int64) { self.value = value }
}

/// The number of one attempt to reboot one host.
package struct AttemptID: Hashable, Sendable, Codable {
    package let value: Int64

    package init(_ value: Int64) { self.value = value }
}

/// The number of one stop flag.
package struct StopFlagID: Hashable, Sendable, Codable {
    package let value: Int64

    package init(_ value: Int64) { self.value = value }
}
