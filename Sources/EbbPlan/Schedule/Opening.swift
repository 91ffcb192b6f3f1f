package import FoundationEssentials

/// An absolute interval in which reboots may be under way.
package struct Opening: Hashable, Sendable, Codable {
    /// The first instant at which a reboot may start.
    package let start: Date
    /// The first instant at which no reboot may be under way any more.
    package let end: Date
    /// When the window began before blackouts were taken out: the name of the opening.
    ///
    /// A blackout in the middle makes two openings of one window; a run takes the window once.
    package let window: Date
    /// How many seconds before its end nothing starts any more, at the least.
    package let cutoff: Int

    package init(start: Date, end: Date, window: Date? = nil, cutoff: Int = 0) {
        (self.start, self.end) = (start, end)
        self.window = window ?? start
        self.cutoff = cutoff
    }

    /// Whether the instant lies in it; the end does not.
    package func contains(_ instant: Date) -> Bool { start <= instant && instant < end }

    /// The last instant at which something may start that takes so many seconds.
    ///
    /// `nil` when the opening is too short for it.
    package func latestStart(taking seconds: Int) -> Date? {
        let latest = end.addingTimeInterval(-Double(max(seconds, cutoff)))
        return latest < start ? nil : latest
    }
}
