import EbbEngine
import EbbModel
import EbbPlan
import EbbStore
import EbbTestSupport
import EbbTransport
import Testing

/// Leases on hosts: nobody else's is touched, and none of Ebb's own stands in its way.
@Suite struct LeaseTests {
    @Test func `a host that another database holds is left alone`() async throws {
        let scene = try RolloutScene()
        scene.host.machine.lease = "rollout 3 of 2026-01-01T00:00:00Z, by elsewhere 12ab"
        let end = try await scene.run().ends[scene.host.name]
        #expect(end?.reason == .heldElsewhere)
        #expect(end?.message.contains("elsewhere 12ab") == true)
        #expect(scene.host.machine.lease?.contains("elsewhere") == true)
        #expect(scene.host.machine.boots == 0)
    }

    @Test(arguments: ["", "anything", ", by ", "rollout 1, by "])
    func `a lease that is none of Ebb's is not taken for a dead one`(text: String) async throws {
        let scene = try RolloutScene()
        scene.host.machine.lease = text
        let end = try await scene.run().ends[scene.host.name]
        #expect(end?.reason.state == .skipped)
        #expect(scene.host.machine.lease == text)
    }

    @Test func `a dead lease of this database is taken over`() async throws {
        let scene = try RolloutScene()
        // The release of the first rollout's lease gets lost on its way.
        scene.host.interrupt = .once("lease", nth: 3, .loseQuestion)
        try await scene.run()
        #expect(scene.host.machine.lease != nil)
        scene.host.interrupt = .never
        let end = try await scene.run().ends[scene.host.name]
        #expect(end?.reason == .proven)
        #expect(scene.host.machine.boots == 2)
        #expect(scene.host.machine.lease == nil)
    }

    @Test func `a lease taken by a lost answer is given back`() async throws {
        let scene = try RolloutScene()
        scene.host.interrupt = .once("lease", .loseAnswer)
        #expect(try await scene.run().ends[scene.host.name]?.reason == .unreachable)
        #expect(scene.host.machine.lease == nil)
    }

    @Test func `hosts that did not reboot are free for others`() async throws {
        for course in [ScriptedHost.Course.nothing, .softReboot] {
            let scene = try RolloutScene()
            scene.host.whenToldToReboot = course
            #expect(try await scene.run().ends[scene.host.name]?.reason.state == .failed)
            #expect(scene.host.machine.lease == nil)
            scene.host.whenToldToReboot = .boot()
            #expect(try await scene.run().ends[scene.host.name]?.reason == .proven)
        }
    }

    @Test func `a refused reboot gives the lease back`() async throws {
        let scene = try RolloutScene()
        scene.host.machine.inhibitor = "apt"
        let end = try await scene.run().ends[scene.host.name]
        #expect(end?.reason == .refused && end?.message.contains("apt") == true)
        #expect(scene.host.machine.lease == nil)
        #expect(scene.host.machine.boots == 0)
    }

    @Test(arguments: ["drain-0"]) func `a drain that fails gives the lease back`(probe: String) async throws {
        let scene = try RolloutScene { $0.reboot.drain = ["kubectl drain"] }
        scene.host.machine.answers[probe] = ScriptedMachine.Answer(error: "no\n", status: 1)
        #expect(try await scene.run().ends[scene.host.name]?.reason == .hookFailed)
        #expect(scene.host.machine.lease == nil)
        #expect(!scene.host.machine.isToldToReboot)
    }
}
