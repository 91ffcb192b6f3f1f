/// A number that the database gave; `Row` says of what, so that none is taken for another.
package struct StoredID<Row>: Hashable, Sendable, Codable, Comparable {
    package let value: Int64

    package init(_ value: Int64) { self.value = value }

    package static func < (left: StoredID, right: StoredID) -> Bool { left.value < right.value }
}

/// The number of one observation: one look at one host.
package typealias ObservationID = StoredID<StoredObservation>

/// The number of one row of the evidence chain.
package typealias EvidenceID = StoredID<StoredEvidencePart>

/// The number of one rollout.
package typealias RolloutID = StoredID<StoredRollout>

/// The number of one attempt to reboot one host.
package typealias AttemptID = StoredID<StoredAttempt>

/// The number of one stop flag.
package typealias StopFlagID = StoredID<StoredStopFlag>
