import EbbModel
package import FoundationEssentials
import FoundationInternationalization

/// The wall clock of one zone: which instant a date and a time of day name.
struct WallClock: Hashable, Sendable {
    let zone: TimeZone

    /// The clock of the zone with this IANA name; throws when there is none.
    init(_ name: String) throws(InvalidWindow) {
        guard let zone = WindowSettings.zone(named: name) else {
            throw InvalidWindow(
                description: "“\(PrintableText.line(String(name.prefix(60))))” is no time zone: "
                    + "write a name such as Europe/Berlin, or UTC")
        }
        self.zone = zone
    }

    /// The instant at which the clock first shows this time on this day.
    ///
    /// A time that the clocks jump over is the moment of the jump.
    func instant(of day: CalendarDate, at time: TimeOfDay) -> Date {
        let wall = day.daysSinceEpoch * 86_400 + time.seconds
        // The offset can only be one of those in force around that moment.
        let before = offset(at: wall - 86_400)
        let after = offset(at: wall + 86_400)
        let candidates = [wall - before, wall - after].sorted()
        for candidate in candidates where candidate + offset(at: candidate) == wall {
            return Date(timeIntervalSince1970: Double(candidate))
        }
        return Date(timeIntervalSince1970: Double(jump(in: candidates[0]...candidates[1])))
    }

    /// The day that the clock shows at an instant.
    func day(at instant: Date) -> CalendarDate {
        let seconds = Int(instant.timeIntervalSince1970.rounded(.down))
        let wall = max(0, seconds + offset(at: seconds))
        return CalendarDate(daysSinceEpoch: wall / 86_400)
    }

    private func offset(at seconds: Int) -> Int {
        zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
    }

    /// The first second with the offset that holds at the range's end.
    private func jump(in range: ClosedRange<Int>) -> Int {
        var low = range.lowerBound
        var high = range.upperBound
        let target = offset(at: high)
        while low < high {
            let middle = low + (high - low) / 2
            if offset(at: middle) == target { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// Settings that name no window: an unknown zone, or values that do not go together.
package struct InvalidWindow: Error, Equatable, CustomStringConvertible {
    /// One sentence for a person.
    package let description: String
}

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
