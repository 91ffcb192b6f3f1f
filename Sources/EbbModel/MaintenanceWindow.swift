/// When a host may be rebooted: a recurrence of local start times, each with a length.
package struct MaintenanceWindow: Hashable, Sendable, Codable {
    /// An RFC 5545 recurrence rule, such as `FREQ=WEEKLY;BYDAY=SU`; it names the days of the start.
    package var recurrence: String
    /// Local time at which the window opens, in minutes after midnight.
    package var start: Int
    /// How long it stays open, in seconds; it may end on another day than it began.
    package var duration: Int
    /// IANA name of the time zone, such as `Europe/Berlin`.
    package var timeZone: String

    package init(recurrence: String, start: Int, duration: Int, timeZone: String) {
        self.recurrence = recurrence
        self.start = start
        self.duration = duration
        self.timeZone = timeZone
    }
}

/// Days on which nothing is rebooted, whatever the windows say.
package struct Blackout: Hashable, Sendable, Codable {
    /// First day, as `YYYY-MM-DD`.
    package var from: String
    /// Last day, inclusive.
    package var to: String
    /// IANA name of the time zone whose days these are.
    package var timeZone: String
    package var reason: String

    package init(from: String, to: String, timeZone: String, reason: String) {
        self.from = from
        self.to = to
        self.timeZone = timeZone
        self.reason = reason
    }
}
