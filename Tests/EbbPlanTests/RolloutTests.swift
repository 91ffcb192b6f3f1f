import EbbPlan
import EbbTestSupport
import Testing

@testable import EbbModel

@Suite struct RolloutTests {
    @Test func `a failure with a budget of one stops the hosts that wait and says why`() throws {
        let hosts = try (1...3).map { try Fleet.host("h\($0)") }
        var rollout = Rollout(RebootPlanner(selected: hosts, fleet: hosts).plan())
        #expect(rollout.begin() == [.start(hosts[0].host)])
        let actions = rollout.hostEnded(hosts[0].host, .notErased)
        #expect(actions.last == .finish(.halted))
        let skipped = actions.compactMap { action in
            if case .skip(let host, let end) = action, end.reason == .budgetSpent { host } else { nil }
        }
        #expect(skipped == [hosts[1].host, hosts[2].host])
    }

    @Test func `an inconclusive host keeps its slot`() throws {
        var settings = RebootSettings(failureBudget: 5, waves: [.rest])
        settings.budgetGroup = "db"
        let hosts = try (1...2).map { try Fleet.host("h\($0)", groups: ["db"], reboot: settings) }
        var rollout = Rollout(RebootPlanner(selected: hosts, fleet: hosts).plan())
        #expect(rollout.begin() == [.start(hosts[0].host)])
        let actions = rollout.hostEnded(hosts[0].host, .neverBack)
        #expect(!actions.contains(.start(hosts[1].host)))
        #expect(actions.last == .finish(.halted))
    }

    @Test func `a budget that is set for all hosts holds for all of them, whatever their groups`() throws {
        for budgetGroup in [nil, "all", "misspelt"] {
            var reboot = RebootSettings(maxUnavailable: .hosts(1), waves: [.hosts(1), .rest])
            reboot.budgetGroup = budgetGroup
            let hosts = try (1...4).map { try Fleet.host("h\($0)", groups: ["g\($0)"], reboot: reboot) }
            var rollout = Rollout(RebootPlanner(selected: hosts, fleet: hosts).plan())
            var actions = rollout.begin()
            for host in hosts {
                #expect(actions == [.start(host.host)])
                actions = rollout.hostEnded(host.host, .proven)
            }
            #expect(actions == [.finish(.finished)])
        }
    }

    @Test func `hosts of a lower rank go first`() throws {
        let ranks = [10, 0, 5, 0]
        let hosts = try ranks.enumerated().map { index, rank in
            try Fleet.host("h\(index)", reboot: RebootSettings(rank: rank))
        }
        let plan = RebootPlanner(selected: hosts, fleet: hosts).plan()
        #expect(plan.hosts.map(\.text) == ["h1", "h3", "h2", "h0"])
    }

    @Test func `a host that was unproven before the run counts against its group`() throws {
        let hosts = try (1...2).map { try Fleet.host("h\($0)", groups: ["db"]) }
        let planner = RebootPlanner(selected: [hosts[0]], fleet: hosts, unavailable: [hosts[1].host])
        var rollout = Rollout(planner.plan())
        #expect(rollout.begin().last == .finish(.halted))
    }

    @Test func `a host that was unproven before may be proven now`() throws {
        let hosts = try (1...2).map { try Fleet.host("h\($0)", groups: ["db"]) }
        let planner = RebootPlanner(selected: hosts, fleet: hosts, unavailable: [hosts[0].host])
        var rollout = Rollout(planner.plan())
        #expect(rollout.begin() == [.start(hosts[0].host)])
        #expect(rollout.hostEnded(hosts[0].host, .proven) == [.start(hosts[1].host)])
        #expect(rollout.hostEnded(hosts[1].host, .proven) == [.finish(.finished)])
    }

    /// Thousands of fleets of up to 1,000 hosts with dead, unerased and rekeyed ones.
    @Test func `no fleet exceeds its limits, loses a host or starts one after the budget`() throws {
        for seed in UInt64(1)...2_000 {
            var random = SeededRandom(seed: seed)
            let size = seed % 100 == 0 ? 1_000 : Int.random(in: 1...30, using: &random)
            let settings = RebootSettings(
                maxUnavailable: Bool.random(using: &random)
                    ? .hosts(Int.random(in: 1...3, using: &random)) : .percent(Int.random(in: 1...50, using: &random)),
                failureBudget: Int.random(in: 1...6, using: &random),
                waves: [.hosts(1), .percent(10), .percent(25), .rest])
            let fleet = try (0..<size).map { index -> HostSettings in
                let group = "g\(Int.random(in: 0...3, using: &random))"
                var reboot = settings
                reboot.budgetGroup = group
                reboot.rank = Int.random(in: 0...2, using: &random)
                return try Fleet.host(
                    "h\(index)", groups: [group], strategy: index % 17 == 16 ? EbbModel.Strategy.none : .zfs,
                    reboot: reboot)
            }
            let plan = RebootPlanner(selected: fleet, fleet: fleet).plan()
            try #require(plan.hosts.count + plan.withheld.count == size, "seed \(seed)")
            try Self.run(plan, random: &random, seed: seed)
        }
    }

    /// Plays a rollout to its end with random outcomes and checks every step.
    private static func run(_ plan: RebootPlan, random: inout SeededRandom, seed: UInt64) throws {
        var rollout = Rollout(plan)
        var queue = rollout.begin()
        var running: [HostName] = []
        var seen: Set<HostName> = []
        var finished = false
        while !finished {
            for action in queue {
                switch action {
                case .start(let host):
                    try #require(seen.insert(host).inserted, "started twice, seed \(seed)")
                    try #require(rollout.failures < plan.failureBudget, "seed \(seed)")
                    running.append(host)
                case .skip(let host, _): try #require(seen.insert(host).inserted, "skipped twice, seed \(seed)")
                case .finish: finished = true
                }
            }
            for limit in plan.limits {
                let down = Set(running).intersection(limit.members)
                try #require(down.count <= limit.maxUnavailable, "seed \(seed)")
            }
            if finished { break }
            try #require(!running.isEmpty, "stuck, seed \(seed)")
            let host = running.remove(at: Int.random(in: 0..<running.count, using: &random))
            let reason: AttemptReason =
                switch Int.random(in: 0..<100, using: &random) {
                case 0..<5: .neverBack
                case 5..<7: .notErased
                case 7..<8: .hostKeyChanged
                case 8..<10: .unreachable
                case 10..<12: .driftOverPolicy
                default: .proven
                }
            queue = rollout.hostEnded(host, reason)
            if Int.random(in: 0..<500, using: &random) == 0 { queue += rollout.abort() }
        }
        try #require(seen == Set(plan.hosts), "a host was lost, seed \(seed)")
        try #require(running.isEmpty, "finished while hosts run, seed \(seed)")
    }
}
