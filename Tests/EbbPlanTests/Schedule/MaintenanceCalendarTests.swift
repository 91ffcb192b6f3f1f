import EbbModel
import EbbPlan
import EbbTestSupport
import FoundationEssentials
import Testing

struct MaintenanceCalendarTests {
    /// A window, a moment, and the openings that follow it in UTC.
    struct Row {
        let what: String
        let window: WindowSettings
        let after: String
        let openings: [String]
    }

    static func rows() throws -> [Row] {
        let sundays = "FREQ=WEEKLY;BYDAY=SU"
        let daily = "FREQ=DAILY"
        return [
            Row(
                what: "Berlin: the start in the hour that is jumped over is the jump",
                window: try window(sundays, "02:30", hours: 4, "Europe/Berlin"), after: "2027-03-20T00:00:00Z",
                openings: [
                    "2027-03-21T01:30:00Z/2027-03-21T05:30:00Z", "2027-03-28T01:00:00Z/2027-03-28T05:00:00Z",
                    "2027-04-04T00:30:00Z/2027-04-04T04:30:00Z",
                ]),
            Row(
                what: "Berlin: the start in the hour that comes twice is the first, once",
                window: try window(sundays, "02:30", hours: 4, "Europe/Berlin"), after: "2027-10-24T12:00:00Z",
                openings: ["2027-10-31T00:30:00Z/2027-10-31T04:30:00Z", "2027-11-07T01:30:00Z/2027-11-07T05:30:00Z"]),
            Row(
                what: "Berlin: four hours across the change are four hours that pass",
                window: try window(sundays, "00:00", hours: 4, "Europe/Berlin"), after: "2027-03-27T00:00:00Z",
                openings: ["2027-03-27T23:00:00Z/2027-03-28T03:00:00Z", "2027-04-03T22:00:00Z/2027-04-04T02:00:00Z"]),
            Row(
                what: "New York: jump and repetition are on other days than in Berlin",
                window: try window(sundays, "02:30", hours: 1, "America/New_York"), after: "2027-03-14T00:00:00Z",
                openings: ["2027-03-14T07:00:00Z/2027-03-14T08:00:00Z", "2027-03-21T06:30:00Z/2027-03-21T07:30:00Z"]),
            Row(
                what: "New York: 01:30 comes twice in November",
                window: try window(sundays, "01:30", hours: 1, "America/New_York"), after: "2027-11-01T00:00:00Z",
                openings: ["2027-11-07T05:30:00Z/2027-11-07T06:30:00Z", "2027-11-14T06:30:00Z/2027-11-14T07:30:00Z"]),
            Row(
                what: "Lord Howe moves its clocks by half an hour only",
                window: try window(sundays, "02:15", hours: 1, "Australia/Lord_Howe"), after: "2027-10-02T00:00:00Z",
                openings: ["2027-10-02T15:30:00Z/2027-10-02T16:30:00Z", "2027-10-09T15:15:00Z/2027-10-09T16:15:00Z"]),
            Row(
                what: "Havana: midnight is jumped over",
                window: try window(sundays, "00:00", hours: 2, "America/Havana"), after: "2027-03-13T00:00:00Z",
                openings: ["2027-03-14T05:00:00Z/2027-03-14T07:00:00Z", "2027-03-21T04:00:00Z/2027-03-21T06:00:00Z"]),
            Row(
                what: "Apia: a Friday that was left out of the calendar is no whole day",
                window: try window("FREQ=WEEKLY;BYDAY=FR,SA", "03:00", hours: 2, "Pacific/Apia"),
                after: "2011-12-29T13:30:00Z",
                openings: [
                    "2011-12-30T10:00:00Z/2011-12-30T12:00:00Z", "2011-12-30T13:00:00Z/2011-12-30T15:00:00Z",
                    "2012-01-05T13:00:00Z/2012-01-05T15:00:00Z",
                ]),
            Row(
                what: "overnight: the weekday is the one of the start",
                // A Saturday, in the window of Friday.
                window: try window("FREQ=WEEKLY;BYDAY=FR", "22:00", hours: 8, "UTC"), after: "2027-01-02T00:00:00Z",
                openings: ["2027-01-01T22:00:00Z/2027-01-02T06:00:00Z", "2027-01-08T22:00:00Z/2027-01-09T06:00:00Z"]),
            Row(
                what: "Kolkata: half-hour offset, the UTC day before",
                window: try window("FREQ=WEEKLY;BYDAY=MO", "02:00", hours: 2, "Asia/Kolkata"),
                after: "2027-01-01T00:00:00Z", openings: ["2027-01-03T20:30:00Z/2027-01-03T22:30:00Z"]),
            Row(
                what: "Kiritimati: a zone 14 hours ahead",
                window: try window(daily, "01:00", hours: 1, "Pacific/Kiritimati"), after: "2027-01-01T10:30:00Z",
                openings: ["2027-01-01T11:00:00Z/2027-01-01T12:00:00Z", "2027-01-02T11:00:00Z/2027-01-02T12:00:00Z"]),
            Row(
                what: "monthly: the second Tuesday",
                window: try window("FREQ=MONTHLY;BYDAY=2TU", "02:00", hours: 4, "Europe/Berlin"),
                after: "2027-01-01T00:00:00Z",
                openings: [
                    "2027-01-12T01:00:00Z/2027-01-12T05:00:00Z", "2027-02-09T01:00:00Z/2027-02-09T05:00:00Z",
                    "2027-03-09T01:00:00Z/2027-03-09T05:00:00Z", "2027-04-13T00:00:00Z/2027-04-13T04:00:00Z",
                ]),
            Row(
                what: "monthly: the 31st and the last day are one day in January",
                window: try window("FREQ=MONTHLY;BYMONTHDAY=31,-1", "00:00", hours: 1, "UTC"),
                after: "2027-01-01T00:00:00Z",
                openings: [
                    "2027-01-31T00:00:00Z/2027-01-31T01:00:00Z", "2027-02-28T00:00:00Z/2027-02-28T01:00:00Z",
                    "2027-03-31T00:00:00Z/2027-03-31T01:00:00Z",
                ]),
            Row(
                what: "yearly: 29 February is skipped in other years, not moved",
                window: try window("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "00:00", hours: 1, "UTC"),
                after: "2096-03-01T00:00:00Z", openings: ["2104-02-29T00:00:00Z/2104-02-29T01:00:00Z"]),
            Row(
                what: "every second week, counted from a day, weeks starting on Monday",
                window: try window("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,WE", "00:00", hours: 1, "UTC", from: "2027-01-01"),
                after: "2027-01-01T00:00:00Z",
                openings: [
                    "2027-01-03T00:00:00Z/2027-01-03T01:00:00Z", "2027-01-13T00:00:00Z/2027-01-13T01:00:00Z",
                    "2027-01-17T00:00:00Z/2027-01-17T01:00:00Z",
                ]),
        ]
    }

    @Test func `each window opens at the written instants`() throws {
        for row in try Self.rows() {
            let calendar = try MaintenanceCalendar(windows: [row.window])
            let openings = calendar.openings(after: try at(row.after), count: row.openings.count)
            #expect(texts(openings) == row.openings, "\(row.what)")
        }
    }

    @Test func `a window is open from its first second to the last before its end`() throws {
        let calendar = try MaintenanceCalendar(windows: [
            window("FREQ=WEEKLY;BYDAY=SU", "02:00", hours: 4, "Europe/Berlin")
        ])
        let moments = [
            ("2027-03-28T00:59:59Z", false), ("2027-03-28T01:00:00Z", true), ("2027-03-28T04:59:59Z", true),
            ("2027-03-28T05:00:00Z", false),
        ]
        for (moment, isOpen) in moments {
            #expect((calendar.opening(at: try at(moment)) != nil) == isOpen, "\(moment)")
        }
    }

    @Test func `windows that overlap or touch are one opening, named by its beginning`() throws {
        let calendar = try MaintenanceCalendar(windows: [
            window("FREQ=WEEKLY;BYDAY=SA", "22:00", hours: 4, "UTC", cutoff: 600),
            window("FREQ=WEEKLY;BYDAY=SU", "01:00", hours: 2, "UTC", cutoff: 60),
            window("FREQ=WEEKLY;BYDAY=SU", "03:00", hours: 1, "UTC", cutoff: 120),
        ])
        let opening = try #require(calendar.opening(at: try at("2027-01-03T02:30:00Z")))
        #expect(texts([opening]) == ["2027-01-02T22:00:00Z/2027-01-03T04:00:00Z"])
        #expect(opening.window == opening.start && opening.cutoff == 120)
    }

    @Test func `a blackout takes whole days of its zone out of the windows`() throws {
        let windows = [try window("FREQ=DAILY", "22:00", hours: 8, "Europe/Berlin")]
        let calendar = try MaintenanceCalendar(
            windows: windows, blackouts: [blackout("2026-12-24", "2026-12-25", "holidays")])
        let openings = calendar.openings(after: try at("2026-12-23T12:00:00Z"), count: 3)
        #expect(
            texts(openings) == [
                "2026-12-23T21:00:00Z/2026-12-23T23:00:00Z", "2026-12-25T23:00:00Z/2026-12-26T05:00:00Z",
                "2026-12-26T21:00:00Z/2026-12-27T05:00:00Z",
            ])
        #expect(openings[1].window == (try at("2026-12-25T21:00:00Z")))
        #expect(calendar.blackout(at: try at("2026-12-24T12:00:00Z"))?.reason == "holidays")
        #expect(calendar.blackout(at: try at("2026-12-25T23:00:00Z")) == nil)
    }

    @Test func `without windows any time will do, except in a blackout`() throws {
        let calendar = try MaintenanceCalendar(blackouts: [blackout("2027-01-01", "2027-01-01")])
        #expect(calendar.opening(at: try at("2026-12-31T23:59:59Z")) != nil)
        #expect(calendar.opening(at: try at("2027-01-01T00:00:00Z")) == nil)
        let after = try at("2027-01-02T00:00:00Z")
        #expect(calendar.decision(at: after, taking: 600) == .allowed(until: nil))
    }

    @Test func `windows that are no windows are refused with a reason`() throws {
        let weekly = "FREQ=WEEKLY;BYDAY=SU"
        let problems: [(WindowSettings, String)] = [
            (try window(weekly, "02:00", hours: 4, "Berlin"), "no time zone"),
            (try window(weekly, "02:00", hours: 4, "GMT+3"), "no time zone"),
            (try window(weekly, "02:00", hours: 4, "Mars/Olympus"), "no time zone"),
            (try window(weekly, "02:00", hours: 0, "UTC"), "one minute to one week"),
            (try window(weekly, "02:00", hours: 200, "UTC"), "one minute to one week"),
            (try window(weekly, "02:00", hours: 1, "UTC", cutoff: 3_600), "leaves no time"),
            (try window("FREQ=DAILY", "00:00", hours: 24, "UTC"), "more than five weeks"),
            (try window(weekly + ";INTERVAL=2", "00:00", hours: 1, "UTC"), "needs `from`"),
        ]
        for (settings, expected) in problems {
            let error = #expect(throws: InvalidWindow.self) { try MaintenanceCalendar(windows: [settings]) }
            #expect(error?.description.contains(expected) == true, "\(expected)")
        }
        #expect(throws: InvalidWindow.self) {
            try MaintenanceCalendar(blackouts: [blackout("2027-01-02", "2027-01-01")])
        }
    }

    @Test func `a rule that never comes true opens never, and says so in time`() throws {
        let calendar = try MaintenanceCalendar(windows: [
            window("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "00:00", hours: 1, "UTC")
        ])
        let now = try at("2027-01-01T00:00:00Z")
        #expect(calendar.openings(after: now, count: 5).isEmpty)
        #expect(calendar.decision(at: now, taking: 60) == .closed(next: nil))
    }

    @Test func `an opening is the same from wherever it is looked at`() throws {
        let zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        for _ in 0..<60 {
            let windows = try (0..<Int.random(in: 1...3, using: &random)).map { _ in
                try window(
                    ["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=SA,SU", "FREQ=MONTHLY;BYDAY=-1SU"].randomElement(using: &random)
                        ?? "", "0\(Int.random(in: 0...9, using: &random)):30",
                    hours: Double.random(in: 0.1...7, using: &random), zones.randomElement(using: &random) ?? "UTC")
            }
            let calendar = try MaintenanceCalendar(windows: windows)
            let start = Date(
                timeIntervalSince1970: Double(Int.random(in: 1_790_000_000...1_830_000_000, using: &random)))
            let all = calendar.openings(in: start..<start.addingTimeInterval(60 * 86_400))
            for opening in all {
                let inside = opening.start.addingTimeInterval(opening.end.timeIntervalSince(opening.start) * 0.99)
                #expect(calendar.opening(at: inside) == opening, "seed \(seed)")
                #expect(calendar.opening(at: opening.end) != opening, "seed \(seed)")
            }
            for (left, right) in zip(all, all.dropFirst()) { #expect(left.end < right.start, "seed \(seed)") }
        }
    }
}
