package import FoundationEssentials

/// When a host is asked again whose attempt ended without an answer.
package enum LateTry {
    /// Seconds between two observations at least, and at most.
    private static let bounds = 120.0...3600.0

    /// Whether to observe it once more: after half the time that it has been undecided already.
    ///
    /// A clock that went back makes it due.
    package static func isDue(endedAt: Date, lastTry: Date?, now: Date) -> Bool {
        guard let lastTry, lastTry > endedAt, lastTry <= now else { return true }
        let pause = lastTry.timeIntervalSince(endedAt) / 2
        let bounded = min(max(pause, bounds.lowerBound), bounds.upperBound)
        return now.timeIntervalSince(lastTry) >= bounded
    }
}
