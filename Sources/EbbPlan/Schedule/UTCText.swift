import EbbModel
package import FoundationEssentials

/// Instants as people read them in plans and reasons.
package enum UTCText {
    /// Such as `2027-03-28 01:00 UTC`; seconds are left out.
    package static func minute(_ instant: Date) -> String {
        guard let (day, time) = parts(instant) else { return "no end" }
        return "\(day) \(two(time / 3_600)):\(two(time / 60 % 60)) UTC"
    }

    /// Such as `2027-03-28T01:00:00Z` (RFC 3339, whole seconds).
    package static func rfc3339(_ instant: Date) -> String {
        guard let (day, time) = parts(instant) else { return "" }
        return "\(day)T\(two(time / 3_600)):\(two(time / 60 % 60)):\(two(time % 60))Z"
    }

    private static func parts(_ instant: Date) -> (CalendarDate, Int)? {
        guard instant.timeIntervalSince1970 >= 0, instant < .distantFuture else { return nil }
        let seconds = Int(instant.timeIntervalSince1970.rounded(.down))
        return (CalendarDate(daysSinceEpoch: seconds / 86_400), seconds % 86_400)
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
