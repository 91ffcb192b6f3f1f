import EbbPlan
import FoundationEssentials
import Testing

@testable import EbbModel

/// An instant from its RFC 3339 text.
func at(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

/// A window from the words that an inventory uses; hours may have a fraction.
func window(_ rule: String, _ start: String, hours: Double, _ zone: String, cutoff: Int? = nil, from: String? = nil)
    throws -> WindowSettings
{
    WindowSettings(
        recurrence: try Recurrence(rule), start: try #require(TimeOfDay(start)), duration: Int(hours * 3_600),
        timezone: zone, cutoff: cutoff, from: try from.map { try #require(CalendarDate($0)) })
}

/// A blackout from its first and last day.
func blackout(_ first: String, _ last: String, _ reason: String = "freeze", zone: String? = nil) throws
    -> BlackoutSettings
{
    BlackoutSettings(
        first: try #require(CalendarDate(first)), last: try #require(CalendarDate(last)), reason: reason, timezone: zone
    )
}

/// Openings as `start/end` in RFC 3339.
func texts(_ openings: [Opening]) -> [String] {
    openings.map { "\(UTCText.rfc3339($0.start))/\(UTCText.rfc3339($0.end))" }
}

/// A host with these reboot settings.
func host(_ name: String, groups: [String] = [], _ reboot: RebootSettings = RebootSettings()) throws -> HostSettings {
    let name = try HostName(name)
    return HostSettings(
        host: name, groups: groups, connection: ConnectionSettings(host: name, address: "192.0.2.1"), reboot: reboot)
}
