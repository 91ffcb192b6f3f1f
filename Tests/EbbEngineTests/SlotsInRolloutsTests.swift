import EbbEngine
import EbbModel
import EbbPlan
import EbbStore
import EbbTestSupport
import FoundationEssentials
import Testing

/// What `max_unavailable` allows is counted when a host goes, over all rollouts and agents.
@Suite struct SlotsInRolloutsTests {
    @Test func `two rollouts over one group of limit one take down one host at a time`() async throws {
        let scene = try RolloutScene(["a", "b"])
        scene.fleet.hosts[0].whenToldToReboot = .neverBack
        // Each was planned alone: neither plan knows of the other one's host.
        var ends: [AttemptReason?] = []
        for settings in scene.settings {
            let plan = RebootPlanner(selected: [settings], fleet: scene.settings).plan()
            let rollout = try await scene.store.beginRollout(
                pattern: "one", plan: "{}", planHash: "hash", controller: scene.controller,
                hosts: [RolloutHost(host: settings.host, wave: 0)], at: scene.fleet.clock.date)
            let result = try await scene.runner(rollout).run(plan)
            ends.append(result.ends[settings.host]?.reason)
        }
        #expect(ends == [.neverBack, .maxUnavailable])
        let other = try #require(try await scene.attempts(of: scene.fleet.hosts[1].name).last)
        #expect(other.lastEvent.detail["message"]?.contains("taken by a") == true)
        #expect(try await scene.states(of: other.host) == [[.planned, .preflight, .canaries, .skipped]])
        // Nothing of it is left on the host, so that it may go at any other time.
        #expect(scene.fleet.hosts[1].machine.boots == 0)
        #expect(scene.fleet.hosts[1].machine.lease == nil)
        #expect(try await scene.store.slots().map(\.host) == [scene.host.name])
    }

    /// Two names of one machine, `a` and `b`; what they are known by is learnt in the rollout itself.
    private func twins() throws -> RolloutScene {
        let scene = try RolloutScene(["a", "b"])
        scene.fleet.hosts[1].machine.machineID = scene.host.machine.machineID
        scene.fleet.hosts[1].machine.hostKey = scene.host.machine.hostKey
        return scene
    }

    @Test func `two names of one machine are rebooted once`() async throws {
        let scene = try twins()
        let first = try await scene.run().ends
        #expect(first.values.map(\.reason.rawValue).sorted().first { $0 == "proven" } != nil)
        #expect(first.values.contains { [.sameMachine, .maxUnavailable].contains($0.reason) }, "\(first)")
        #expect(scene.fleet.hosts.map(\.machine.boots).sorted() == [0, 1])
        // The next plan knows it.
        let plan = try await scene.driver().driver.plan(scene.settings)
        #expect(plan.hosts == [scene.host.name])
        #expect(plan.withheld.first?.reason.contains("one machine with a") == true)
    }

    @Test func `while one name of a machine is not decided, no other name is rebooted`() async throws {
        let scene = try twins()
        for settings in scene.settings { _ = try await scene.engine.observe(settings, kind: .drift) }
        scene.host.whenToldToReboot = .neverBack
        let (driver, _) = scene.driver()
        let plan = try await driver.plan([scene.settings[0]])
        _ = try await driver.start(plan, pattern: "a", acceptsLoss: false)
        let next = try await driver.plan([scene.settings[1]])
        #expect(next.hosts.isEmpty)
        #expect(next.withheld.first?.reason == "it is one machine with a, which holds a slot")
    }

    @Test func `machines of which some marks agree are withheld until a person says what they are`() async throws {
        let scene = try RolloutScene(["a", "b"])
        scene.fleet.hosts[1].machine.hostKey = scene.host.machine.hostKey
        let ends = try await scene.run().ends
        #expect(ends.values.contains { $0.reason == .identityUnclear }, "\(ends)")
        let plan = try await scene.driver().driver.plan(scene.settings)
        #expect(plan.hosts.isEmpty && plan.withheld.allSatisfy { $0.reason.hasPrefix("identity-unclear") })
    }

    @Test func `a slot that an agent outside Ebb holds is not given twice`() async throws {
        let scene = try RolloutScene(["a"]) { $0.groups = ["web"] }
        let agent = Slot(machine: "zincati", holder: .agent(group: "web"), since: scene.fleet.clock.date)
        try await scene.store.changeSlots { _ in (.take(agent), ()) }
        let reason = try await scene.run().ends[scene.host.name]?.reason
        #expect(reason == .maxUnavailable)
        #expect(scene.host.machine.boots == 0)
        try await scene.store.changeSlots { _ in (.free(agent), ()) }
        let rollout = try await scene.begin()
        let result = try await scene.runner(rollout).run(scene.plan)
        #expect(result.ends[scene.host.name]?.reason == .proven)
        #expect(try await scene.store.slots().isEmpty)
    }
}
