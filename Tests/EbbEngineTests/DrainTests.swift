import EbbModel
import EbbPlan
import EbbStore
import EbbTestSupport
import Testing

@testable import EbbEngine

/// A host that was drained is undrained whichever way its attempt ends, or the end says that it is not.
@Suite struct DrainTests {
    private func scene(_ change: (inout HostSettings) -> Void = { _ in }) throws -> RolloutScene {
        try RolloutScene {
            $0.reboot.drain = ["drain"]
            $0.reboot.undrain = ["undrain"]
            change(&$0)
        }
    }

    private func undrains(_ scene: RolloutScene) -> Int { scene.host.requests.count { $0.asks("undrain-0") } }

    @Test func `a host that is not told to reboot is undrained`() async throws {
        for broken in ["drain-0", "plant", "reboot"] {
            let scene = try scene()
            if broken == "reboot" {
                scene.host.machine.answers["reboot"] = .init("refused the door is open\n")
            } else {
                scene.host.machine.answers[broken] = .init(status: 1)
            }
            let end = try await scene.run().ends[scene.host.name]
            #expect(end.map { $0.reason != .proven } == true, "\(broken)")
            #expect(undrains(scene) == 1, "\(broken)")
        }
    }

    @Test func `a host that was told to reboot and does not is undrained`() async throws {
        let scene = try scene()
        scene.host.whenToldToReboot = .nothing
        #expect(try await scene.run().ends[scene.host.name]?.reason == .didNotReboot)
        #expect(undrains(scene) == 1)
    }

    @Test func `an undrain that fails is told`() async throws {
        let scene = try scene()
        scene.host.machine.answers["plant"] = .init(status: 1)
        scene.host.machine.answers["undrain-0"] = .init(error: "no route\n", status: 1)
        let end = try await scene.run().ends[scene.host.name]
        #expect(end?.message.contains("may still be drained") == true)
        let bare = try self.scene { $0.reboot.undrain = [] }
        bare.host.machine.answers["plant"] = .init(status: 1)
        let other = try await bare.run().ends[bare.host.name]
        #expect(other?.message.contains("no `undrain` is declared") == true)
    }

    @Test func `a host whose boot is not proven stays drained, and the end says so`() async throws {
        let scene = try scene()
        scene.host.machine.erased = []
        let end = try await scene.run().ends[scene.host.name]
        #expect(end?.reason == .notErased && undrains(scene) == 0)
        #expect(end?.message.hasSuffix("run its `undrain` commands") == true)
    }

    @Test func `a host that is proven late is undrained then`() async throws {
        let scene = try scene()
        scene.host.whenToldToReboot = .neverBack
        #expect(try await scene.run().ends[scene.host.name]?.message.contains("may still be drained") == true)
        scene.host.machine.comeUp(at: scene.fleet.clock.now)
        let before = undrains(scene)
        #expect(try await scene.engine.judgeLate(try await scene.attempts()[0], scene.settings[0])?.reason == .proven)
        #expect(undrains(scene) == before + 1)
    }

    @Test func `a crash after the drain is undrained by who resumes the rollout`() async throws {
        let scene = try scene()
        scene.host.interrupt = .once("plant", .stopBefore)
        let rollout = try await scene.runUntilStopped()
        try await scene.resume(rollout, startingMore: false)
        #expect(undrains(scene) == 1)
        #expect(try await scene.attempts()[0].state == .skipped)
    }
}
