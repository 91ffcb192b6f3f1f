import EbbPlan
import FoundationEssentials
import Testing

@testable import EbbModel

struct RecurrenceTests {
    @Test func `a rule is spelled one way, whatever way it was written`() throws {
        let rules = [
            "RRULE:BYDAY=SU;FREQ=WEEKLY": "FREQ=WEEKLY;BYDAY=SU",
            "FREQ=MONTHLY;BYDAY=2TU,-1FR;INTERVAL=1": "FREQ=MONTHLY;BYDAY=2TU,-1FR",
            "FREQ=DAILY;INTERVAL=3;WKST=MO": "FREQ=DAILY;INTERVAL=3",
            "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1": "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1",
        ]
        for (text, spelled) in rules {
            let rule = try Recurrence(text)
            #expect(rule.description == spelled)
            #expect(try Recurrence(spelled) == rule)
        }
    }

    @Test func `what a window cannot use is refused with a sentence`() {
        let refused = [
            "": "not NAME=VALUE", "FREQ=WEEKLY": "needs BYDAY", "BYDAY=SU": "FREQ is missing",
            "FREQ=HOURLY": "FREQ must be", "FREQ=DAILY;COUNT=3": "end the maintenance silently",
            "FREQ=DAILY;UNTIL=20270101": "end the maintenance silently", "FREQ=DAILY;BYHOUR=2": "the window's `start`",
            "FREQ=DAILY;FREQ=DAILY": "twice", "FREQ=DAILY;INTERVAL=0": "without 0",
            "FREQ=DAILY;INTERVAL=1,2": "INTERVAL takes", "FREQ=WEEKLY;BYDAY=2SU": "needs FREQ=MONTHLY",
            "FREQ=WEEKLY;BYDAY=SO": "not a day", "FREQ=MONTHLY": "needs BYDAY or BYMONTHDAY",
            "FREQ=YEARLY;BYDAY=SU": "needs BYMONTH", "FREQ=MONTHLY;BYDAY=6MO": "from -5 to 5",
            "FREQ=WEEKLY;BYDAY=SU;WKST=SU": "Monday", "FREQ=MONTHLY;BYMONTHDAY=32": "from -31 to 31",
            "FREQ=DAILY;BYEASTER=1": "understood", "FREQ=WEEKLY;BYDAY=SU\u{1B}[31m": "\\x1b",
            "FREQ=DAILY;": "not NAME=VALUE",
        ]
        for (text, expected) in refused {
            let error = #expect(throws: InvalidRecurrence.self) { try Recurrence(text) }
            #expect(error?.description.contains(expected) == true, "\(text): \(error as Any)")
        }
    }

    @Test func `the days of a rule are those that another implementation finds`() throws {
        let text = String(decoding: PackageResources.recurrences_txt, as: UTF8.self)
        var rules = 0
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let fields = line.split(separator: " ")
            let first = try #require(CalendarDate(fields[0]))
            let settings = WindowSettings(
                recurrence: try Recurrence(String(fields[1])), start: try #require(TimeOfDay("12:00")), duration: 3_600,
                timezone: "UTC", from: first)
            let window = try MaintenanceWindow(settings)
            let begin = Double(first.daysSinceEpoch) * 86_400
            let range = Date(timeIntervalSince1970: begin)..<Date(timeIntervalSince1970: begin + 1_501 * 86_400)
            let expected = fields[2].split(separator: ",").map(String.init)
            let found = window.openings(in: range).prefix(expected.count == 25 ? 25 : 10_000).map {
                CalendarDate(daysSinceEpoch: Int($0.start.timeIntervalSince1970) / 86_400).description
            }
            #expect(found == expected, "\(fields[1]) from \(fields[0])")
            rules += 1
        }
        #expect(rules == 160)
    }
}
