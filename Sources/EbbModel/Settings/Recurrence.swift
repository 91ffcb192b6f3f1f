/// On which days something recurs: the part of RFC 5545's RRULE that a maintenance window needs.
///
/// `FREQ` (`DAILY`, `WEEKLY`, `MONTHLY`, `YEARLY`), `INTERVAL`, `BYDAY` (`SU`, and `2TU`, `-1FR`
/// where the frequency is monthly or yearly), `BYMONTHDAY` (`1`, `-1`), `BYMONTH`, `BYSETPOS`,
/// `WKST=MO`. What RFC 5545 would take from the first date must be written out: a weekly rule
/// names its days. Times of day, `COUNT` and `UNTIL` are refused: a window has its own start, and
/// maintenance that ends silently is not wanted.
package struct Recurrence: Hashable, Sendable, CodedAsText {
    /// How often the rule looks for days.
    package enum Frequency: String, Sendable, Codable, CaseIterable {
        case daily = "DAILY"
        case weekly = "WEEKLY"
        case monthly = "MONTHLY"
        case yearly = "YEARLY"
    }

    /// A day of the week, by its RRULE name.
    package enum Weekday: String, Sendable, Codable, CaseIterable {
        case monday = "MO"
        case tuesday = "TU"
        case wednesday = "WE"
        case thursday = "TH"
        case friday = "FR"
        case saturday = "SA"
        case sunday = "SU"
    }

    /// A weekday, or the n-th one of the month (or of the year, in a yearly rule without months).
    package struct Day: Hashable, Sendable, Codable {
        package let weekday: Weekday
        /// 1 is the first, -1 the last; `nil` is every one.
        package let ordinal: Int?

        package init(_ weekday: Weekday, ordinal: Int? = nil) { (self.weekday, self.ordinal) = (weekday, ordinal) }
    }

    package internal(set) var frequency = Frequency.daily
    package internal(set) var interval = 1
    package internal(set) var days: [Day] = []
    package internal(set) var daysOfMonth: [Int] = []
    package internal(set) var months: [Int] = []
    package internal(set) var positions: [Int] = []

    /// Reads an RRULE, with or without the `RRULE:` in front.
    package init(_ text: String) throws(InvalidRecurrence) { self = try RecurrenceReader(text).recurrence() }

    init() {}

    /// The rule that a text stands for.
    package static func read(_ text: String) throws -> Self? { try Recurrence(text) }

    /// The rule in RRULE's own words, always spelled the same way.
    package var description: String {
        var parts = ["FREQ=\(frequency.rawValue)"]
        if interval != 1 { parts.append("INTERVAL=\(interval)") }
        func list(_ name: String, _ values: [some CustomStringConvertible]) {
            guard !values.isEmpty else { return }
            parts.append("\(name)=\(values.map(\.description).joined(separator: ","))")
        }
        list("BYMONTH", months)
        list("BYMONTHDAY", daysOfMonth)
        list("BYDAY", days.map { "\($0.ordinal.map(String.init) ?? "")\($0.weekday.rawValue)" })
        list("BYSETPOS", positions)
        return parts.joined(separator: ";")
    }
}

/// A text that is no rule for a maintenance window.
package struct InvalidRecurrence: Error, Equatable, CustomStringConvertible {
    /// One sentence for the person who wrote it; quotes only escaped text.
    package let description: String
}
