package import FoundationEssentials

/// What a host must show to be called compliant.
///
/// Durations are in seconds.
package struct CompliancePolicy: Hashable, Sendable, Codable {
    /// The oldest that the last proven boot may be.
    package var provenBootMaxAge = 30 * 86_400
    /// How many unexplained paths are tolerated.
    package var unexplainedMax = 0
    /// How long a path may be unexplained before it counts.
    package var unexplainedGrace = 7 * 86_400
    /// The oldest that the newest snapshot of a `safe` dataset may be; `nil`: not asked.
    package var safeSnapshotMaxAge: Int?
    /// The oldest that an observation may be before the verdict is `stale`.
    package var observationMaxAge = 2 * 86_400
    /// Whether the erase mechanism must be known to stop the boot when it fails.
    package var eraseFailClosed = false
    /// What the blank must be: a snapshot's guid or a subvolume's UUID; `nil`: what it was.
    package var blankIdentity: String?
    /// How long a stop flag may hold a host back before it counts.
    package var stopFlagMaxAge = 7 * 86_400
    /// Controls that a person waived.
    package var waivers: [Waiver] = []

    /// What holds where nothing is written.
    package static let unset = Self()
}

/// A control that a person waived for a host, until an instant.
package struct Waiver: Hashable, Sendable, Codable {
    package var control: Control
    package var reason: String
    package var by: String
    /// The end as written: the last day in force (UTC) as `YYYY-MM-DD`, or an RFC 3339 instant.
    package var until: String

    package static let unset = Self(control: .reachable, reason: "", by: "", until: "")

    /// The first instant at which it no longer holds; `nil`: the end cannot be read.
    package var endsAt: Date? { Self.end(until) }

    /// The first instant after the end that a text names; `nil`: it names none.
    package static func end(_ text: String) -> Date? {
        if let day = CalendarDate(text) { return Date(timeIntervalSince1970: Double(day.daysSinceEpoch + 1) * 86_400) }
        return try? Date(text, strategy: .iso8601)
    }

    /// Whether it holds at that time; one whose end cannot be read never does.
    package func holds(at now: Date) -> Bool { endsAt.map { now < $0 } ?? false }
}
