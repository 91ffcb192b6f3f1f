import EbbPlan
import EbbTestSupport
import Foundation
import Testing

@testable import EbbModel

@Suite struct WindowedRolloutTests {
    /// Rollouts on a simulated clock, begun at any time of a night: each host is asked for right
    /// before its turn, as the engine does it.
    @Test func `no reboot is under way outside a window, whatever fails and however late it is`() throws {
        let estimate = 600
        let window = WindowSettings(
            recurrence: try Recurrence("FREQ=DAILY"), start: try #require(TimeOfDay("22:00")), duration: 4 * 3_600,
            timezone: "Europe/Berlin", cutoff: 300)
        let calendar = try MaintenanceCalendar(windows: [window])
        // The nights of both changes of the clocks, and an ordinary one.
        let evenings = ["2027-03-27", "2027-10-30", "2027-06-01"].compactMap { CalendarDate($0) }
        var started = 0
        var refused = 0
        for seed in UInt64(1)...300 {
            var random = SeededRandom(seed: seed)
            let reboot = RebootSettings(
                maxUnavailable: .hosts(Int.random(in: 1...3, using: &random)),
                failureBudget: Int.random(in: 1...4, using: &random), waves: [.hosts(1), .percent(25), .rest])
            let fleet = try (0..<Int.random(in: 2...14, using: &random)).map {
                try Fleet.host("h\($0)", reboot: reboot)
            }
            let plan = RebootPlanner(selected: fleet, fleet: fleet).plan()
            let day = try #require(evenings.randomElement(using: &random))
            var now = Date(timeIntervalSince1970: Double(day.daysSinceEpoch) * 86_400).addingTimeInterval(
                Double.random(in: 18 * 3_600...28 * 3_600, using: &random))

            var rollout = Rollout(plan)
            var queue = rollout.begin()
            var running: [(end: Date, host: HostName, reason: AttemptReason)] = []
            var seen: Set<HostName> = []
            var isFinished = false
            while !isFinished {
                while !queue.isEmpty {
                    switch queue.removeFirst() {
                    case .finish: isFinished = true
                    case .skip(let host, _): try #require(seen.insert(host).inserted, "seed \(seed)")
                    case .start(let host):
                        try #require(seen.insert(host).inserted, "seed \(seed)")
                        guard case .allowed = calendar.decision(at: now, taking: estimate) else {
                            refused += 1
                            queue += rollout.hostEnded(host, .notAllowedNow)
                            continue
                        }
                        started += 1
                        let length = Double.random(in: 20...Double(estimate), using: &random)
                        let end = now.addingTimeInterval(length)
                        let opening = try #require(calendar.opening(at: now), "seed \(seed)")
                        try #require(end <= opening.end, "seed \(seed): ends outside its window")
                        let fates: [AttemptReason] = [
                            .neverBack, .notErased, .hostKeyChanged, .proven, .proven, .proven, .proven, .proven,
                            .proven, .proven,
                        ]
                        running.append((end, host, fates.randomElement(using: &random) ?? .proven))
                        try #require(running.count <= (plan.limits.first?.maxUnavailable ?? 0), "seed \(seed)")
                    }
                }
                if isFinished { break }
                running.sort { $0.end < $1.end }
                try #require(!running.isEmpty, "stuck, seed \(seed)")
                let next = running.removeFirst()
                now = max(now, next.end)
                queue = rollout.hostEnded(next.host, next.reason)
            }
            try #require(seen == Set(plan.hosts), "a host was lost, seed \(seed)")
        }
        #expect(started > 300 && refused > 300, "the rollouts were too tame")
    }
}
