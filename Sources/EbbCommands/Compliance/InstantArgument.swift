import ArgumentParser
import EbbModel
import FoundationEssentials

/// A time on the command line: an RFC 3339 instant, or a day, which means its end in UTC.
struct InstantArgument: Sendable, Hashable, ExpressibleByArgument {
    let date: Date

    init?(argument: String) {
        if let day = CalendarDate(argument) {
            date = Date(timeIntervalSince1970: Double(day.daysSinceEpoch + 1) * 86_400 - 0.001)
        } else if let instant = try? Date(argument, strategy: .iso8601) {
            date = instant
        } else {
            return nil
        }
    }
}
