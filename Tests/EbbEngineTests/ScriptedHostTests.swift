import EbbEngine
import EbbModel
import EbbPlan
import EbbTestSupport
import EbbTransport
import Testing

/// The scripted host does what a real one does in a whole attempt.
@Suite struct ScriptedHostTests {
    private static let whole: [AttemptState] = [.planned, .preflight, .canaries, .intent, .sent, .booted, .proven]

    @Test func `a host that erases its root and keeps its storage is proven`() async throws {
        let scene = try RolloutScene()
        let result = try await scene.run()
        #expect(result.ends[scene.host.name]?.reason == .proven)
        #expect(scene.host.machine.boots == 1)
        #expect(scene.host.machine.lease == nil)
        #expect(try await scene.states() == [Self.whole])
    }

    @Test func `a fleet of scripted hosts shares its clock and nothing else`() async throws {
        let scene = try RolloutScene(["a", "b", "c"]) { $0.reboot.maxUnavailable = .rest }
        scene.fleet.hosts[1].whenToldToReboot = .neverBack
        scene.fleet.hosts[2].machine.erased = []
        let ends = try await scene.run().ends
        let reasons = scene.fleet.hosts.map { ends[$0.name]?.reason }
        #expect(reasons == [.proven, .neverBack, .notErased])
        #expect(scene.fleet.hosts.map(\.machine.boots) == [1, 0, 1])
        #expect(scene.fleet.clock.now > .seconds(600))
    }

    @Test func `what a course of events says is what the engine sees`() async throws {
        let courses: [(ScriptedHost.Course, AttemptReason, boots: Int)] = [
            (.boot(after: .seconds(300)), .proven, 1), (.nothing, .didNotReboot, 0), (.softReboot, .softRebooted, 0),
            (.neverBack, .neverBack, 0),
        ]
        for (course, reason, boots) in courses {
            let scene = try RolloutScene()
            scene.host.whenToldToReboot = course
            let result = try await scene.run()
            #expect(result.ends[scene.host.name]?.reason == reason)
            #expect(scene.host.machine.boots == boots)
        }
    }
}
