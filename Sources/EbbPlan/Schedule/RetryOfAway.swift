package import EbbModel
package import FoundationEssentials

/// Catches hosts that are seldom there while their window is open.
package enum RetryOfAway {
    /// How the last attempt on a host ended.
    package struct LastTry: Hashable, Sendable {
        package let at: Date
        /// Whether the host may have been told to reboot.
        package let mayHaveRebooted: Bool

        package init(at: Date, mayHaveRebooted: Bool) { (self.at, self.mayHaveRebooted) = (at, mayHaveRebooted) }
    }

    /// What to do with a host in this opening.
    package enum Answer: Hashable, Sendable {
        /// Try it now.
        case now
        /// It was away at the last try: try it again then.
        case later(Date)
        /// It had its reboot, or its one try, in this opening.
        case done
        /// What is left of the opening is too short; a host that was away missed its window.
        case tooLate
    }

    /// How long to leave a host alone that was away, in seconds.
    private static let pause: TimeInterval = 300

    /// What to do with a host now, in an opening of its window.
    ///
    /// A host that may have been told to reboot since the window began is never tried again in
    /// it: only a new window, or a person, makes a second attempt.
    package static func answer(
        for settings: HostSettings, in opening: Opening, lastTry: LastTry?, taking seconds: Int, at now: Date
    ) -> Answer {
        let recent = lastTry.flatMap { $0.at >= opening.window ? $0 : nil }
        if let recent, recent.mayHaveRebooted || !settings.reboot.isOftenAway { return .done }
        guard let latest = opening.latestStart(taking: seconds), now <= latest, opening.start <= now else {
            return .tooLate
        }
        guard let recent else { return .now }
        let again = recent.at.addingTimeInterval(pause)
        guard again > now else { return .now }
        return again <= latest ? .later(again) : .tooLate
    }
}

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
