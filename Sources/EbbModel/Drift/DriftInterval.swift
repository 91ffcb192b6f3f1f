package import FoundationEssentials

/// A stretch of time in which a path differed in one way and was judged in one way.
package struct DriftInterval: Sendable, Hashable {
    package let entry: DriftEntry
    /// The number of the observation that saw it first.
    package let firstObservation: Int64
    package let firstSeen: Date
    package let firstBoot: BootID?
    /// When it was seen last; `nil` while it lasts.
    package let lastSeen: Date?
    package let lastBoot: BootID?

    package init(
        entry: DriftEntry, firstObservation: Int64, firstSeen: Date, firstBoot: BootID?, lastSeen: Date? = nil,
        lastBoot: BootID? = nil
    ) {
        (self.entry, self.firstObservation, self.firstSeen) = (entry, firstObservation, firstSeen)
        (self.firstBoot, self.lastSeen, self.lastBoot) = (firstBoot, lastSeen, lastBoot)
    }

    /// The same stretch with another judgement.
    package func replacing(_ entry: DriftEntry) -> DriftInterval {
        DriftInterval(
            entry: entry, firstObservation: firstObservation, firstSeen: firstSeen, firstBoot: firstBoot,
            lastSeen: lastSeen, lastBoot: lastBoot)
    }
}
