import EbbClassifier
import EbbModel
import EbbPlan
import EbbStore
import EbbTestSupport
import FoundationEssentials
import Testing

@testable import EbbEngine

/// Whose canaries are: what another database left says nothing, and Ebb's own wait for their judge.
@Suite struct CanaryOwnerTests {
    /// The same host, as a controller with a database of its own has it.
    private func other(_ scene: RolloutScene) throws -> Engine {
        Engine(
            transport: scene.fleet, store: try Store.inMemory(), catalogue: .builtIn,
            clock: EngineClock(scene.fleet.clock), toolVersion: "test")
    }

    @Test func `a boot is proven whatever another controller has left meanwhile`() async throws {
        let scene = try RolloutScene()
        try await scene.run()
        let (other, settings) = (try other(scene), scene.settings[0])
        _ = try await other.observe(settings, kind: .drift)
        try await other.leaveStandingCanaries(settings, in: scene.host.machine.boot)
        scene.host.machine.comeUp(at: scene.fleet.clock.now)
        for engine in [scene.engine, other] {
            let end = try await engine.observe(settings, kind: .drift).unorderedBoot
            #expect(end?.reason == .proven, "\(String(describing: end))")
            #expect(end?.verdict?.reasons.contains { $0.hasPrefix("canaries of other controllers") } == true)
        }
    }

    @Test func `a token of nobody this database knows is no loss, an older one of its own is`() async throws {
        let scene = try RolloutScene()
        try await scene.run()
        let path = try #require(scene.host.machine.files.keys.first { $0.hasPrefix("/persist/.ebb/canary.") })
        let first = try #require(scene.host.machine.files[path])
        try await scene.run()
        let stranger = CanaryToken(
            controller: "00aa00aa00aa00aa", attempt: 3, random: String(repeating: "5", count: 32))
        for (token, reason) in [(stranger.text, AttemptReason.evidenceIncomplete), (first, .persistReplaced)] {
            scene.host.machine.files[path] = token
            scene.host.machine.comeUp(at: scene.fleet.clock.now)
            #expect(try await scene.engine.observe(scene.settings[0], kind: .drift).unorderedBoot?.reason == reason)
        }
    }

    @Test func `under another controller's lease no canaries are left`() async throws {
        let scene = try RolloutScene()
        try await scene.run()
        let path = try #require(scene.host.machine.files.keys.first { $0.hasPrefix("/persist/.ebb/canary.") })
        let before = scene.host.machine.files[path]
        scene.host.machine.comeUp(at: scene.fleet.clock.now)
        scene.host.machine.lease = "rollout 3 of 2026-01-01T00:00:00Z, by elsewhere 12ab"
        let look = try await scene.engine.observe(scene.settings[0], kind: .drift)
        #expect(look.unorderedBoot?.reason == .proven)
        #expect(scene.host.machine.files[path] == before)
        #expect(scene.host.machine.lease?.contains("elsewhere") == true)
        // What was not written is not missed by the next boot.
        scene.host.machine.comeUp(at: scene.fleet.clock.now)
        let next = try await scene.engine.observe(scene.settings[0], kind: .drift).unorderedBoot
        #expect(next?.verdict?.retention == .kept, "\(String(describing: next))")
    }

    @Test func `a late boot that an observation sees first is judged by the attempt that ordered it`() async throws {
        let scene = try RolloutScene()
        scene.host.whenToldToReboot = .neverBack
        try await scene.run()
        let attempt = try #require(try await scene.attempts().last)
        #expect(attempt.state == .inconclusive)
        scene.host.machine.comeUp(at: scene.fleet.clock.now)
        for _ in 0..<2 {
            let end = try await scene.engine.observe(scene.settings[0], kind: .drift).unorderedBoot
            #expect(end?.reason == .proven, "\(String(describing: end))")
            #expect(end?.verdict?.reasons.first?.contains("attempt \(attempt.id.value) of rollout") == true)
        }
        let boot = try await scene.store.boots(of: scene.host.name).first { $0.bootID == scene.host.machine.boot }
        #expect(boot?.attempt == attempt.id && boot?.verdict?.isProven == true)
        // The slot is not an observation's to free.
        #expect(try await scene.store.slots().count == 1)
        #expect(try await scene.engine.judgeLate(attempt, scene.settings[0])?.reason == .proven)
        #expect(try await scene.store.slots().isEmpty)
    }
}
