/// Reads the text of a `Recurrence`.
struct RecurrenceReader {
    private let text: String

    init(_ text: String) { self.text = text }

    func recurrence() throws(InvalidRecurrence) -> Recurrence {
        var body = text[...]
        if body.hasPrefix("RRULE:") { body = body.dropFirst(6) }
        guard body.utf8.count <= 400 else { throw problem("the rule is longer than 400 bytes") }
        var rule = Recurrence()
        var seen: Set<String> = []
        for part in body.split(separator: ";", omittingEmptySubsequences: false) {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, !pair[1].isEmpty else { throw problem("“\(shown(part))” is not NAME=VALUE") }
            guard seen.insert(String(pair[0])).inserted else { throw problem("\(shown(pair[0])) is written twice") }
            try read(pair[1], as: pair[0], into: &rule)
        }
        guard seen.contains("FREQ") else { throw problem("FREQ is missing") }
        try check(rule)
        return rule
    }

    private func read(_ value: Substring, as name: Substring, into rule: inout Recurrence) throws(InvalidRecurrence) {
        switch name {
        case "FREQ":
            guard let frequency = Recurrence.Frequency(rawValue: String(value)) else {
                throw problem("FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY")
            }
            rule.frequency = frequency
        case "INTERVAL": rule.interval = try number(value, name, in: 1...99)
        case "BYDAY": rule.days = try days(value)
        case "BYMONTHDAY": rule.daysOfMonth = try numbers(value, name, in: -31...31)
        case "BYMONTH": rule.months = try numbers(value, name, in: 1...12)
        case "BYSETPOS": rule.positions = try numbers(value, name, in: -31...31)
        case "WKST": guard value == "MO" else { throw problem("weeks start on Monday: WKST must be MO") }
        case "COUNT", "UNTIL": throw problem("\(name) would end the maintenance silently: remove the window instead")
        case "BYHOUR", "BYMINUTE", "BYSECOND":
            throw problem("\(name) is not allowed: the window's `start` is its time of day")
        default: throw problem("\(shown(name)) is not understood")
        }
    }

    private func days(_ value: Substring) throws(InvalidRecurrence) -> [Recurrence.Day] {
        var days: [Recurrence.Day] = []
        for part in value.split(separator: ",", omittingEmptySubsequences: false) {
            guard let weekday = Recurrence.Weekday(rawValue: String(part.suffix(2))) else {
                throw problem("“\(shown(part))” is not a day: MO, TU, WE, TH, FR, SA, SU")
            }
            let number = part.dropLast(2)
            guard !number.isEmpty else {
                days.append(Recurrence.Day(weekday))
                continue
            }
            let ordinal = try self.number(number, "BYDAY", in: -5...5)
            days.append(Recurrence.Day(weekday, ordinal: ordinal))
        }
        return days
    }

    private func numbers(_ value: Substring, _ name: Substring, in range: ClosedRange<Int>) throws(InvalidRecurrence)
        -> [Int]
    {
        var numbers: [Int] = []
        for part in value.split(separator: ",", omittingEmptySubsequences: false) {
            numbers.append(try number(part, name, in: range))
        }
        return numbers
    }

    private func number(_ text: Substring, _ name: Substring, in range: ClosedRange<Int>) throws(InvalidRecurrence)
        -> Int
    {
        guard let number = Int(text), number != 0, range.contains(number) else {
            throw problem(
                "\(name) takes numbers from \(range.lowerBound) to \(range.upperBound) "
                    + "without 0, not “\(shown(text))”")
        }
        return number
    }

    /// What RFC 5545 would take from the date of the first event must be written out.
    private func check(_ rule: Recurrence) throws(InvalidRecurrence) {
        let hasOrdinal = rule.days.contains { $0.ordinal != nil }
        switch rule.frequency {
        case .daily: break
        case .weekly:
            guard !rule.days.isEmpty else { throw problem("a weekly rule needs BYDAY") }
            guard rule.daysOfMonth.isEmpty else { throw problem("BYMONTHDAY does not go with FREQ=WEEKLY") }
        case .monthly:
            guard !rule.days.isEmpty || !rule.daysOfMonth.isEmpty else {
                throw problem("a monthly rule needs BYDAY or BYMONTHDAY")
            }
        case .yearly:
            guard !rule.months.isEmpty, !rule.days.isEmpty || !rule.daysOfMonth.isEmpty else {
                throw problem("a yearly rule needs BYMONTH, and BYDAY or BYMONTHDAY")
            }
        }
        guard !hasOrdinal || rule.frequency == .monthly || rule.frequency == .yearly else {
            throw problem("a numbered day such as 2TU needs FREQ=MONTHLY or YEARLY")
        }
        guard !hasOrdinal || rule.daysOfMonth.isEmpty else {
            throw problem("a numbered day does not go with BYMONTHDAY")
        }
        guard rule.positions.isEmpty || rule.frequency == .monthly else { throw problem("BYSETPOS needs FREQ=MONTHLY") }
    }

    private func shown(_ text: Substring) -> String { PrintableText.line(String(text.prefix(40))) }

    private func problem(_ text: String) -> InvalidRecurrence { InvalidRecurrence(description: text) }
}
