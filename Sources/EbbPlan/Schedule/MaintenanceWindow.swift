package import EbbModel
package import FoundationEssentials

/// A window that was checked: its zone exists and its values go together.
package struct MaintenanceWindow: Hashable, Sendable {
    package let settings: WindowSettings
    private let clock: WallClock

    package init(_ settings: WindowSettings) throws(InvalidWindow) {
        if let problem = settings.problems.first { throw InvalidWindow(description: problem) }
        clock = try WallClock(settings.timezone)
        self.settings = settings
    }

    /// The windows that are open at some moment of the range, by start.
    package func openings(in range: Range<Date>) -> [Opening] {
        let length = Double(settings.duration)
        // A day more on either side covers every offset from UTC.
        let first = clock.day(at: range.lowerBound.addingTimeInterval(-length - 86_400))
        let last = clock.day(at: range.upperBound.addingTimeInterval(86_400))
        // Days are counted in UTC, where each has 24 hours; only `WallClock` knows of zones.
        let days = settings.recurrence.days(in: first.daysSinceEpoch..<last.daysSinceEpoch + 1, from: settings.from)
        return days.compactMap { number in
            let day = CalendarDate(daysSinceEpoch: number)
            let start = clock.instant(of: day, at: settings.start)
            let opening = Opening(start: start, end: start.addingTimeInterval(length), cutoff: settings.cutoff ?? 0)
            return opening.end > range.lowerBound && start < range.upperBound ? opening : nil
        }
    }
}
