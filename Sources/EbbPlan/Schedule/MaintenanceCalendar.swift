package import EbbModel
package import FoundationEssentials

/// When reboots may be under way: some windows less some blackouts.
///
/// Daylight saving, in one place:
/// - a window starts by the wall clock of its zone, and then lasts as long as it says in seconds
///   that pass: four hours are four hours in every night of the year;
/// - a start that the clocks jump over (02:30 where 02:00 becomes 03:00) is the moment of the jump;
/// - a start that comes twice (02:30 where 03:00 becomes 02:00) is the first of the two, only.
package struct MaintenanceCalendar: Hashable, Sendable {
    /// A blackout in absolute time.
    package struct Blackout: Hashable, Sendable {
        package let start: Date
        package let end: Date
        package let reason: String
    }

    /// No windows means that any time will do.
    package let windows: [MaintenanceWindow]
    package let blackouts: [Blackout]

    /// How far ahead openings are looked for: what comes once in eight years is still found.
    private static let horizon: TimeInterval = 9 * 366 * 86_400

    /// Windows that follow each other without a pause may add up to this, and no more.
    private static let longestStretch: TimeInterval = 36 * 86_400

    package init(windows: [WindowSettings] = [], blackouts: [BlackoutSettings] = []) throws(InvalidWindow) {
        var checked: [MaintenanceWindow] = []
        for window in windows { checked.append(try MaintenanceWindow(window)) }
        self.windows = checked
        guard Self.closes(checked) else {
            throw InvalidWindow(
                description: "the windows stay open for more than five weeks at a stretch: "
                    + "leave them out if any time will do")
        }
        let zone = windows.first?.timezone ?? "UTC"
        self.blackouts = try Self.absolute(blackouts, zone: zone)
    }

    /// What is open at some moment of the range, by start; openings never touch each other.
    ///
    /// An opening may begin before the range or end after it, and is the same whatever the range.
    package func openings(in range: Range<Date>) -> [Opening] {
        let whole =
            windows.isEmpty ? [Opening(start: .distantPast, end: .distantFuture)] : Self.merged(windows, in: range)
        return blackouts.reduce(whole) { openings, blackout in openings.flatMap { $0.less(blackout) } }.filter {
            $0.end > range.lowerBound && $0.start < range.upperBound
        }
    }

    /// The next openings, the one that is open now among them.
    ///
    /// Fewer than asked for when the rule has no more within nine years.
    package func openings(after now: Date, count: Int) -> [Opening] {
        guard count > 0 else { return [] }
        var length: TimeInterval = 40 * 86_400
        while true {
            let found = openings(in: now..<now.addingTimeInterval(length))
            if found.count >= count || length >= Self.horizon { return Array(found.prefix(count)) }
            length = min(length * 4, Self.horizon)
        }
    }

    /// The opening that the instant lies in.
    package func opening(at now: Date) -> Opening? { openings(after: now, count: 1).first { $0.contains(now) } }

    /// The blackout that the instant lies in.
    package func blackout(at now: Date) -> Blackout? { blackouts.first { $0.start <= now && now < $0.end } }

    private static func absolute(_ settings: [BlackoutSettings], zone: String) throws(InvalidWindow) -> [Blackout] {
        var blackouts: [Blackout] = []
        for blackout in settings {
            guard blackout.first <= blackout.last else {
                throw InvalidWindow(description: "the blackout from \(blackout.first) ends before it starts")
            }
            let clock = try WallClock(blackout.timezone ?? zone)
            let dayAfter = CalendarDate(daysSinceEpoch: blackout.last.daysSinceEpoch + 1)
            blackouts.append(
                Blackout(
                    start: clock.instant(of: blackout.first, at: .midnight),
                    end: clock.instant(of: dayAfter, at: .midnight), reason: PrintableText.line(blackout.reason)))
        }
        return blackouts.sorted { $0.start < $1.start }
    }

    /// The windows' openings, those that overlap or touch made one.
    private static func merged(_ windows: [MaintenanceWindow], in range: Range<Date>) -> [Opening] {
        // What an opening is merged with may lie outside the range; see `longestStretch`.
        let wide =
            range.lowerBound.addingTimeInterval(-longestStretch)..<range.upperBound.addingTimeInterval(longestStretch)
        var result: [Opening] = []
        let openings = windows.flatMap { $0.openings(in: wide) }
        for opening in openings.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) {
            guard let last = result.last, opening.start <= last.end else {
                result.append(opening)
                continue
            }
            let longer = opening.end > last.end ? opening : last
            result[result.count - 1] = Opening(
                start: last.start, end: longer.end, window: last.window, cutoff: longer.cutoff)
        }
        return result
    }

    /// Whether every stretch of open windows comes to an end, so that it has a beginning to name.
    private static func closes(_ windows: [MaintenanceWindow]) -> Bool {
        let firstDays = windows.compactMap { $0.settings.from?.daysSinceEpoch }
        let start = Double(firstDays.max() ?? 19_723) * 86_400  // Any year will do: 2024.
        let year = Date(timeIntervalSince1970: start)..<Date(timeIntervalSince1970: start + 3.2e7)
        return merged(windows, in: year).allSatisfy { $0.end.timeIntervalSince($0.start) < longestStretch }
    }
}

extension Opening {
    /// What is left of the opening outside the blackout.
    fileprivate func less(_ blackout: MaintenanceCalendar.Blackout) -> [Opening] {
        guard start < blackout.end, blackout.start < end else { return [self] }
        var parts: [Opening] = []
        if start < blackout.start {
            // The blackout, not the window, ends this part; its margin is the same.
            parts.append(Opening(start: start, end: blackout.start, window: window, cutoff: cutoff))
        }
        if blackout.end < end { parts.append(Opening(start: blackout.end, end: end, window: window, cutoff: cutoff)) }
        return parts
    }
}

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

/// Whether something that takes a while may start now.
package enum StartDecision: Hashable, Sendable {
    /// It may, and until this instant; `nil` means that no end is known.
    case allowed(until: Date?)
    /// A blackout holds.
    case blackedOut(reason: String, until: Date)
    /// No window is open.
    case closed(next: Opening?)
    /// A window is open, and what is left of it is too short.
    case tooLate(end: Date, needs: Int, next: Opening?)
    /// No window within reach is long enough for it.
    case neverFits(needs: Int)
}

extension MaintenanceCalendar {
    /// Whether something that takes so many seconds may start now.
    ///
    /// It may when it would end inside the same opening.
    package func decision(at now: Date, taking seconds: Int) -> StartDecision {
        if let blackout = blackout(at: now) { return .blackedOut(reason: blackout.reason, until: blackout.end) }
        let openings = openings(after: now, count: 6)
        guard openings.contains(where: { $0.latestStart(taking: seconds) != nil }) else {
            return openings.isEmpty ? .closed(next: nil) : .neverFits(needs: seconds)
        }
        let next = openings.first { $0.start > now && $0.latestStart(taking: seconds) != nil }
        guard let current = openings.first, current.contains(now) else { return .closed(next: next) }
        guard let latest = current.latestStart(taking: seconds), now <= latest else {
            return .tooLate(end: current.end, needs: max(seconds, current.cutoff), next: next)
        }
        return .allowed(until: current.end == .distantFuture ? nil : latest)
    }
}

extension StartDecision {
    /// Why a host is withheld, in one sentence; `nil` when it may start.
    package var reasonToWithhold: String? {
        switch self {
        case .allowed: nil
        case .blackedOut(let reason, let until): "a blackout holds until \(UTCText.minute(until)): \(reason)"
        case .closed(let next?): "its window is closed; it opens at \(UTCText.minute(next.start))"
        case .closed(nil): "its window is closed and never opens again"
        case .tooLate(let end, let needs, let next):
            "its window closes at \(UTCText.minute(end)), too early for a reboot that takes " + "\(Self.minutes(needs))"
                + Self.opens(next)
        case .neverFits(let needs): "none of its windows is as long as a reboot of it takes (\(Self.minutes(needs)))"
        }
    }

    private static func opens(_ next: Opening?) -> String {
        next.map { "; the next opens at \(UTCText.minute($0.start))" } ?? ""
    }

    private static func minutes(_ seconds: Int) -> String { "\((seconds + 59) / 60) min" }
}
