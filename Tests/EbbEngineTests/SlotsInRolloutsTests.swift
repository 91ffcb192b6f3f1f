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
