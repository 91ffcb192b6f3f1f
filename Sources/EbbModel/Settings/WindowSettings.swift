package import FoundationEssentials
import FoundationInternationalization

/// A maintenance window as the inventory says it.
package struct WindowSettings: Hashable, Sendable, Codable {
    /// The days on which the window starts; it may well end on the next.
    package var recurrence: Recurrence
    /// When it starts on such a day, by the wall clock of `timezone`.
    package var start: TimeOfDay
    /// How long it is open, in seconds that really pass, whatever the clocks do meanwhile.
    package var duration: Int
    /// The name of the zone in the IANA database, such as `Europe/Berlin`.
    package var timezone: String
    /// How many seconds before its end nothing is started any more, at the least.
    ///
    /// What the host's reboots take (the 95th percentile) is kept free anyway; the longer counts.
    package var cutoff: Int?
    /// The day from which an interval larger than one is counted.
    package var from: CalendarDate?

    /// A window of which nothing is written yet.
    package static let unset = Self(recurrence: Recurrence(), start: .midnight, duration: 0, timezone: "")

    /// The longest that a window may be open, in seconds: a week.
    package static let longestDuration = 604_800

    /// The zone of an IANA name; `nil` when there is none.
    ///
    /// Foundation takes "GMT+3" and abbreviations such as "CST" too, which name no rules for daylight
    /// saving or are ambiguous.
    package static func zone(named name: String) -> TimeZone? {
        name == "UTC" || name.contains("/") ? TimeZone(identifier: name) : nil
    }

    /// What is wrong with the values together, a sentence each.
    package var problems: [String] {
        var problems: [String] = []
        if !(60...Self.longestDuration).contains(duration) {
            problems.append("a window lasts from one minute to one week")
        }
        if let cutoff, !(0..<max(1, duration)).contains(cutoff) {
            problems.append("the cutoff leaves no time in the window to start anything")
        }
        if recurrence.interval > 1, from == nil {
            problems.append("INTERVAL=\(recurrence.interval) needs `from`, the day it counts from")
        }
        return problems
    }
}

/// Days without any reboot, as the inventory says them.
package struct BlackoutSettings: Hashable, Sendable, Codable {
    package var first: CalendarDate
    /// The last day, which belongs to the blackout.
    package var last: CalendarDate
    package var reason: String
    /// The IANA zone whose midnights count; `nil` takes the first window's, or UTC without one.
    package var timezone: String?

    package static let unset = Self(first: .epoch, last: .epoch, reason: "")
}

/// A set of hosts of which some must stay well, and that this host belongs to.
package struct QuorumSettings: Hashable, Sendable, Codable {
    /// The set's name, such as `etcd`; all hosts that name it are its members.
    package var set: String
    /// How many members must be well while another is down.
    package var healthy: Int

    package static let unset = Self(set: "", healthy: 1)
}
