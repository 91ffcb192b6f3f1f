import EbbModel
import EbbPlan
import FoundationEssentials
import Testing

struct StartDecisionTests {
    @Test func `a reboot starts only where it would end inside the window`() throws {
        let calendar = try MaintenanceCalendar(windows: [
            window("FREQ=WEEKLY;BYDAY=SU", "02:00", hours: 4, "Europe/Berlin")
        ])
        // On 28 March the window is 01:00 to 05:00 UTC, since the clocks jump at its start.
        let opening = Opening(start: try at("2027-03-28T01:00:00Z"), end: try at("2027-03-28T05:00:00Z"))
        let next = Opening(start: try at("2027-04-04T00:00:00Z"), end: try at("2027-04-04T04:00:00Z"))
        let rows: [(String, Int, StartDecision)] = [
            ("2027-03-28T00:59:00Z", 900, .closed(next: opening)),
            ("2027-03-28T01:00:00Z", 900, .allowed(until: try at("2027-03-28T04:45:00Z"))),
            ("2027-03-28T04:45:00Z", 900, .allowed(until: try at("2027-03-28T04:45:00Z"))),
            ("2027-03-28T04:45:01Z", 900, .tooLate(end: opening.end, needs: 900, next: next)),
            ("2027-03-28T05:00:00Z", 900, .closed(next: next)),
            ("2027-03-28T02:00:00Z", 15_000, .neverFits(needs: 15_000)),
            ("2027-03-28T01:00:00Z", 14_400, .allowed(until: opening.start)),
        ]
        for (now, seconds, expected) in rows {
            #expect(calendar.decision(at: try at(now), taking: seconds) == expected, "\(now)")
        }
    }

    /// Saturdays 22:00 for eight hours, cutoff half an hour: the nights in which clocks change.
    @Test func `a night in which the clocks change has its last start written out, in three zones`() throws {
        let rows = [
            ("Europe/Berlin", "2027-03-27T21:00:00Z", "2027-03-28T05:00:00Z", "2027-03-28T04:30:00Z"),
            ("Europe/Berlin", "2027-10-30T20:00:00Z", "2027-10-31T04:00:00Z", "2027-10-31T03:30:00Z"),
            ("America/New_York", "2027-03-14T03:00:00Z", "2027-03-14T11:00:00Z", "2027-03-14T10:30:00Z"),
            ("America/New_York", "2027-11-07T02:00:00Z", "2027-11-07T10:00:00Z", "2027-11-07T09:30:00Z"),
            ("Australia/Lord_Howe", "2027-04-03T11:00:00Z", "2027-04-03T19:00:00Z", "2027-04-03T18:30:00Z"),
            ("Australia/Lord_Howe", "2027-10-02T11:30:00Z", "2027-10-02T19:30:00Z", "2027-10-02T19:00:00Z"),
        ]
        for (zone, start, end, last) in rows {
            let calendar = try MaintenanceCalendar(windows: [
                window("FREQ=WEEKLY;BYDAY=SA", "22:00", hours: 8, zone, cutoff: 1_800)
            ])
            let (start, end, last) = (try at(start), try at(end), try at(last))
            #expect(calendar.opening(at: start.addingTimeInterval(-1)) == nil, "\(zone) \(start)")
            for moment in [start, last] {
                #expect(calendar.decision(at: moment, taking: 600) == .allowed(until: last), "\(zone) \(moment)")
            }
            guard case .tooLate(end, 1_800, _) = calendar.decision(at: last.addingTimeInterval(1), taking: 600) else {
                Issue.record("\(zone): \(last) is not the last start")
                continue
            }
            #expect(calendar.opening(at: end) == nil, "\(zone) \(end)")
        }
    }

    @Test func `the longer of cutoff and estimate counts, and a blackout ends a window`() throws {
        let calendar = try MaintenanceCalendar(
            windows: [window("FREQ=DAILY", "20:00", hours: 8, "UTC", cutoff: 3_600)],
            blackouts: [blackout("2027-01-02", "2027-01-02", "stocktaking")])
        let rows: [(String, Int, StartDecision)] = [
            ("2027-01-01T22:59:00Z", 60, .allowed(until: try at("2027-01-01T23:00:00Z"))),
            ("2027-01-01T21:59:00Z", 7_200, .allowed(until: try at("2027-01-01T22:00:00Z"))),
            ("2027-01-02T20:30:00Z", 60, .blackedOut(reason: "stocktaking", until: try at("2027-01-03T00:00:00Z"))),
        ]
        for (now, seconds, expected) in rows {
            #expect(calendar.decision(at: try at(now), taking: seconds) == expected, "\(now)")
        }
    }

    @Test func `every refusal is a sentence with instants in UTC`() throws {
        let opening = Opening(start: try at("2027-04-04T00:00:00Z"), end: try at("2027-04-04T04:00:00Z"))
        let rows: [(StartDecision, String?)] = [
            (.allowed(until: nil), nil),
            (.closed(next: opening), "its window is closed; it opens at 2027-04-04 00:00 UTC"),
            (.closed(next: nil), "its window is closed and never opens again"),
            (
                .blackedOut(reason: "freeze", until: opening.start),
                "a blackout holds until 2027-04-04 00:00 UTC: freeze"
            ),
            (
                .tooLate(end: opening.end, needs: 901, next: nil),
                "its window closes at 2027-04-04 04:00 UTC, too early for a reboot that takes " + "16 min"
            ), (.neverFits(needs: 3_600), "none of its windows is as long as a reboot of it takes (60 min)"),
        ]
        for (decision, expected) in rows { #expect(decision.reasonToWithhold == expected) }
    }

    @Test func `an estimate is what 95 of 100 boots stayed within, once enough are known`() {
        #expect(RebootEstimate.seconds(known: [], timeout: 600, soak: 60) == 660)
        #expect(RebootEstimate.seconds(known: [30, 40], timeout: 600, soak: 60) == 660)
        #expect(RebootEstimate.seconds(known: [30, 90, 40], timeout: 600, soak: 60) == 90)
        #expect(RebootEstimate.seconds(known: Array(1...100), timeout: 600, soak: 0) == 95)
        #expect(RebootEstimate.seconds(known: Array(1...19) + [900], timeout: 1, soak: 0) == 19)
    }
}
