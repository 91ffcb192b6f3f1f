package import EbbModel
package import FoundationEssentials

/// A changed path with its verdict, and since when both are so.
package struct StoredDriftEntry: Sendable, Hashable {
    package let entry: DriftEntry
    /// The first observation that saw the path with this change, kind and verdict.
    package let firstObservation: ObservationID
    /// When that was.
    package let firstSeen: Date
    /// The boot during which it was.
    package let firstBoot: BootID?
}

/// A stretch of time in which a path differed in one way and was judged in one way.
package struct DriftInterval: Sendable, Hashable {
    package let entry: StoredDriftEntry
    /// The last observation that saw it; `nil` while it lasts.
    package let lastObservation: ObservationID?
    /// When that was.
    package let lastSeen: Date?
    /// The boot during which it was.
    package let lastBoot: BootID?
    /// The complete observation that no longer saw it.
    package let closedBy: ObservationID?
}
