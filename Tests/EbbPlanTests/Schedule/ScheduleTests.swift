import EbbPlan
import EbbTestSupport
import FoundationEssentials
import Testing

@testable import EbbModel

struct ScheduleTests {
    private func nightly(_ windows: WindowSettings...) throws -> Schedule {
        let fleet = [try host("a", RebootSettings(windows: windows))]
        return try #require(try Schedule.schedules(of: fleet).first)
    }

    @Test func `hosts with equal windows share a schedule, and only common blackouts`() throws {
        let sunday = try window("FREQ=WEEKLY;BYDAY=SU", "02:00", hours: 4, "Europe/Berlin")
        let daily = try window("FREQ=DAILY", "03:00", hours: 1, "UTC")
        let holidays = try blackout("2026-12-24", "2026-12-26")
        let audit = try blackout("2027-02-01", "2027-02-02")
        let schedules = try Schedule.schedules(of: [
            try host("b", RebootSettings(windows: [sunday], blackouts: [holidays])),
            try host("a", RebootSettings(windows: [sunday], blackouts: [audit, holidays])),
            try host("c", RebootSettings(windows: [daily])), try host("never"),
        ])
        #expect(
            schedules.map(\.name) == [
                "FREQ=DAILY at 03:00 UTC for 60 min", "FREQ=WEEKLY;BYDAY=SU at 02:00 Europe/Berlin for 240 min",
            ])
        #expect(schedules.map { $0.hosts.map(\.text) } == [["c"], ["a", "b"]])
        #expect(schedules[1].calendar.blackouts.count == 1)
    }

    @Test func `an open window is due once, a passed one is missed once`() throws {
        let schedule = try nightly(try window("FREQ=DAILY", "02:00", hours: 2, "UTC"))
        var history = Schedule.History(knownSince: try at("2027-01-01T03:00:00Z"))
        let now = try at("2027-01-04T02:30:00Z")
        var review = schedule.review(at: now, history)
        #expect(review.due.map { [$0] }.map(texts) == ["2027-01-04T02:00:00Z/2027-01-04T04:00:00Z"])
        #expect(
            texts(review.missed) == [
                "2027-01-01T02:00:00Z/2027-01-01T04:00:00Z", "2027-01-02T02:00:00Z/2027-01-02T04:00:00Z",
                "2027-01-03T02:00:00Z/2027-01-03T04:00:00Z",
            ])
        #expect(review.next.map { UTCText.rfc3339($0.start) } == "2027-01-05T02:00:00Z")

        history.slots = review.missed.map {
            ScheduleSlot(schedule: schedule.name, opensAt: $0.window, state: .missed, recordedAt: now)
        }
        history.slots.append(
            ScheduleSlot(
                schedule: schedule.name, opensAt: try at("2027-01-04T02:00:00Z"), state: .claimed, recordedAt: now,
                run: 7))
        history.liveRuns = [7]
        review = schedule.review(at: now, history)
        #expect(review.due == nil && review.missed.isEmpty && review.underWay?.run == 7)

        // The controller died: its run is gone on with, no second one begins.
        history.liveRuns = []
        history.deadRuns = [7]
        review = schedule.review(at: now, history)
        #expect(review.due == nil && review.underWay == nil && review.taken == nil)
        #expect(review.interrupted.map(\.run) == [7])

        history.deadRuns = []  // The run ended; who was away may still be tried.
        review = schedule.review(at: now, history)
        #expect(review.due == nil && review.taken?.slot.run == 7 && review.over.isEmpty)
        review = schedule.review(at: try at("2027-01-04T04:00:00Z"), history)
        #expect(review.taken == nil && review.over.map(\.slot.run) == [7])
        #expect(review.missed.isEmpty)
    }

    @Test func `a blackout inside a window does not make it due twice`() throws {
        let week = try window("FREQ=MONTHLY;BYDAY=1MO", "00:00", hours: 120, "UTC")
        let fleet = [try host("a", RebootSettings(windows: [week], blackouts: [blackout("2027-01-06", "2027-01-06")]))]
        let schedule = try #require(try Schedule.schedules(of: fleet).first)
        let slot = ScheduleSlot(
            schedule: schedule.name, opensAt: try at("2027-01-04T00:00:00Z"), state: .done,
            recordedAt: try at("2027-01-04T00:00:05Z"))
        let history = Schedule.History(knownSince: try at("2027-01-01T00:00:00Z"), slots: [slot])
        let review = schedule.review(at: try at("2027-01-07T12:00:00Z"), history)
        #expect(review.due == nil && review.missed.isEmpty)
    }

    @Test func `a window that a blackout splits is due in its second part, not missed`() throws {
        let week = try window("FREQ=MONTHLY;BYDAY=1MO", "00:00", hours: 120, "UTC")
        let fleet = [try host("a", RebootSettings(windows: [week], blackouts: [blackout("2027-01-06", "2027-01-06")]))]
        let schedule = try #require(try Schedule.schedules(of: fleet).first)
        // Nobody was there in the first part: the window is not over yet.
        let history = Schedule.History(knownSince: try at("2027-01-01T00:00:00Z"))
        let during = schedule.review(at: try at("2027-01-06T12:00:00Z"), history)
        #expect(during.missed.isEmpty && during.due == nil)
        let second = schedule.review(at: try at("2027-01-07T00:00:00Z"), history)
        #expect(second.due?.window == (try at("2027-01-04T00:00:00Z")))
        let after = schedule.review(at: try at("2027-01-09T00:00:00Z"), history)
        #expect(after.missed.map(\.window) == [try at("2027-01-04T00:00:00Z")])
    }

    @Test func `whenever a controller dies, each window is taken once or reported once`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let schedule = try nightly(
            try window("FREQ=DAILY", "02:00", hours: 2, "Europe/Berlin"),
            try window("FREQ=WEEKLY;BYDAY=SA", "23:00", hours: 4, "Europe/Berlin"))
        let start = try at("2027-03-20T12:00:00Z")
        for _ in 0..<8 {
            var history = Schedule.History(knownSince: start)
            var starts: [Date: Int] = [:]
            var now = start
            while now < start.addingTimeInterval(30 * 86_400) {
                let review = schedule.review(at: now, history)
                for opening in review.missed {
                    history.slots.append(
                        ScheduleSlot(schedule: schedule.name, opensAt: opening.window, state: .missed, recordedAt: now))
                }
                if let due = review.due {
                    history.slots.append(
                        ScheduleSlot(schedule: schedule.name, opensAt: due.window, state: .claimed, recordedAt: now))
                    // Half of the controllers die right after the claim, before any effect.
                    if Bool.random(using: &random) { starts[due.window, default: 0] += 1 }
                }
                // A cron job comes by every quarter of an hour, or not for up to two days.
                let pause = Int.random(in: 0...20, using: &random) == 0 ? 192 : 1
                now += Double(Int.random(in: 1...pause, using: &random)) * 900
            }
            #expect(starts.values.allSatisfy { $0 == 1 }, "seed \(seed)")
            let recorded = Dictionary(grouping: history.slots, by: \.opensAt)
            #expect(recorded.values.allSatisfy { $0.count == 1 }, "seed \(seed)")
            let past = schedule.calendar.openings(in: start..<now).filter { $0.end <= now }
            let unrecorded = past.filter { recorded[$0.window] == nil }
            // Only one that ended since the last look can still be unreported.
            let review = schedule.review(at: now, history)
            #expect(unrecorded.map(\.window) == review.missed.map(\.window), "seed \(seed)")
        }
    }

    @Test func `a host that is often away is tried until its window is too short`() throws {
        let opening = Opening(start: try at("2027-01-04T02:00:00Z"), end: try at("2027-01-04T04:00:00Z"))
        let laptop = try host("laptop", RebootSettings(isOftenAway: true))
        let server = try host("server")
        func away(_ text: String) throws -> RetryOfAway.LastTry {
            RetryOfAway.LastTry(at: try at(text), mayHaveRebooted: false)
        }
        let rebooted = RetryOfAway.LastTry(at: try at("2027-01-04T02:10:00Z"), mayHaveRebooted: true)
        let rows: [(HostSettings, RetryOfAway.LastTry?, String, RetryOfAway.Answer)] = [
            (laptop, nil, "2027-01-04T02:00:00Z", .now),
            (laptop, try away("2027-01-04T02:10:00Z"), "2027-01-04T02:12:00Z", .later(try at("2027-01-04T02:15:00Z"))),
            (laptop, try away("2027-01-04T02:10:00Z"), "2027-01-04T02:15:00Z", .now),
            (laptop, try away("2027-01-03T02:10:00Z"), "2027-01-04T02:00:00Z", .now),
            (laptop, try away("2027-01-04T03:46:00Z"), "2027-01-04T03:48:00Z", .tooLate),
            (laptop, nil, "2027-01-04T03:50:01Z", .tooLate), (laptop, nil, "2027-01-04T01:59:00Z", .tooLate),
            (laptop, rebooted, "2027-01-04T03:00:00Z", .done),
            (server, try away("2027-01-04T02:10:00Z"), "2027-01-04T03:00:00Z", .done),
            (server, nil, "2027-01-04T02:10:00Z", .now),
        ]
        for (settings, last, now, expected) in rows {
            let answer = RetryOfAway.answer(for: settings, in: opening, lastTry: last, taking: 600, at: try at(now))
            #expect(answer == expected, "\(settings.host) at \(now)")
        }
    }
}
