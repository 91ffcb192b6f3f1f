import EbbModel
import EbbPlan
import EbbStore
import EbbTestSupport
import EbbTransport
import Testing

@testable import EbbEngine

/// Boots that come late, more than once, or without an order.
@Suite struct BootsTests {
    private func observations(_ scene: RolloutScene) -> Int { scene.host.requests.count { $0.asks("drift") } }

    /// A host that stayed away too long.
    private func away(_ change: (inout HostSettings) -> Void = { _ in }) async throws -> (RolloutScene, StoredAttempt) {
        let scene = try RolloutScene(["a"], change)
        scene.host.whenToldToReboot = .neverBack
        #expect(try await scene.run().ends[scene.host.name]?.reason == .neverBack)
        return (scene, try await scene.attempts()[0])
    }

    @Test func `a host that is back late is judged, and its slot is free`() async throws {
        let (scene, attempt) = try await away()
        #expect(attempt.holdsHost)
        scene.host.machine.comeUp(at: scene.fleet.clock.now)
        let end = try await scene.engine.judgeLate(attempt, scene.settings[0])
        #expect(end?.reason == .proven)
        let now = try await scene.store.attempt(attempt.id)
        #expect(now.state == .inconclusive && now.override?.author == "ebb" && !now.holdsHost)
        let boot = try await scene.store.boots(of: scene.host.name).first { $0.bootID == scene.host.machine.boot }
        #expect(boot?.verdict?.erasure == .erased && boot?.attempt == attempt.id)
    }

    @Test func `a host that stays away is asked for nothing but its boot`() async throws {
        let (scene, attempt) = try await away()
        let before = observations(scene)
        for _ in 0..<5 { #expect(try await scene.engine.judgeLate(attempt, scene.settings[0]) == nil) }
        scene.host.machine.trouble = nil
        // It hangs in the old boot, and was told to leave it.
        #expect(try await scene.engine.judgeLate(attempt, scene.settings[0]) == nil)
        #expect(observations(scene) == before)
        #expect(try await scene.store.attempt(attempt.id).holdsHost)
    }

    @Test func `a boot that cannot be judged is looked at less and less often`() async throws {
        let (scene, attempt) = try await away()
        scene.host.machine.comeUp(at: scene.fleet.clock.now)
        scene.host.machine.answers["machine-id"] = ScriptedMachine.Answer(status: 1)
        scene.fleet.clock.advance(.seconds(1))
        let before = observations(scene)
        for _ in 0..<720 {
            _ = try await scene.engine.judgeLate(attempt, scene.settings[0], backingOff: true)
            scene.fleet.clock.advance(.seconds(120))
        }
        // A whole day, every two minutes.
        #expect((10...40).contains(observations(scene) - before))
        #expect(try await scene.store.attempt(attempt.id).holdsHost)
        scene.host.machine.answers = [:]
        #expect(try await scene.engine.judgeLate(attempt, scene.settings[0])?.reason == .proven)
    }

    @Test func `a late boot that erased nothing frees nothing`() async throws {
        let (scene, attempt) = try await away()
        scene.host.machine.erased = []
        scene.host.machine.comeUp(at: scene.fleet.clock.now)
        #expect(try await scene.engine.judgeLate(attempt, scene.settings[0])?.reason == .notErased)
        #expect(try await scene.store.attempt(attempt.id).holdsHost)
    }

    @Test func `a host that boots again while it is watched is in a boot loop`() async throws {
        for again in [25, 40, 70] {
            let scene = try RolloutScene { $0.reboot.soak = 120 }
            scene.host.whenToldToReboot = .bootTwice(again: .seconds(again))
            let end = try await scene.run().ends[scene.host.name]
            #expect(end?.reason == .bootLoop, "\(again)")
            #expect(scene.host.machine.boots == 2)
        }
    }

    @Test func `after a boot loop no canaries of one boot are booked on another`() async throws {
        let scene = try RolloutScene { $0.reboot.soak = 120 }
        scene.host.whenToldToReboot = .bootTwice(again: .seconds(60))
        #expect(try await scene.run().ends[scene.host.name]?.reason == .bootLoop)
        let planted = try await scene.store.latestCanaries(of: scene.host.name)
        #expect(planted?.boot == scene.host.machine.boot(0))
        // The next observation judges the second boot by what was left before the first.
        let look = try await scene.engine.observe(scene.settings[0], kind: .drift)
        #expect(look.unorderedBoot?.verdict?.erasure == .unknown)
        #expect(try await scene.store.latestCanaries(of: scene.host.name)?.boot == scene.host.machine.boot)
    }

    @Test func `canaries belong to the boot that they were written in`() async throws {
        let scene = try RolloutScene()
        try await scene.store.recordCanaries(
            host: scene.host.name, boot: scene.host.machine.boot(0), [], at: scene.fleet.clock.date)
        scene.host.machine.comeUp()
        try await scene.engine.leaveStandingCanaries(scene.settings[0], in: scene.host.machine.boot(0))
        let planted = try await scene.store.latestCanaries(of: scene.host.name)
        #expect(planted?.boot == scene.host.machine.boot(1))
        #expect(planted?.canaries.isEmpty == false)
    }

    /// A proven host that boots by itself afterwards.
    private func unordered(_ change: (inout ScriptedMachine) -> Void = { _ in }) async throws -> RolloutScene {
        let scene = try RolloutScene()
        try await scene.run()
        change(&scene.host.machine)
        scene.host.machine.comeUp(at: scene.fleet.clock.now)
        return scene
    }

    @Test func `a boot that nobody ordered is judged by the next observation, once`() async throws {
        let scene = try await unordered()
        let first = try await scene.engine.observe(scene.settings[0], kind: .drift)
        #expect(first.unorderedBoot?.reason == .proven)
        let second = try await scene.engine.observe(scene.settings[0], kind: .drift)
        #expect(second.unorderedBoot == nil)
    }

    @Test func `a boot that nobody ordered and that erased nothing is found out`() async throws {
        let scene = try await unordered { $0.erased = [] }
        let look = try await scene.engine.observe(scene.settings[0], kind: .drift)
        #expect(look.unorderedBoot?.reason == .notErased)
    }

    @Test(arguments: ["drift", "canaries"]) func `what an observation could not decide the next one decides`(
        probe: String
    ) async throws {
        let scene = try await unordered()
        scene.host.interrupt = .once(probe, .shorten(100))
        let first = try await scene.engine.observe(scene.settings[0], kind: .drift)
        #expect(first.unorderedBoot?.reason != .proven)
        #expect(try await scene.store.latestCanaries(of: scene.host.name)?.boot == scene.host.machine.boot(1))
        let second = try await scene.engine.observe(scene.settings[0], kind: .drift)
        #expect(second.unorderedBoot?.reason == .proven)
        let boot = try await scene.store.boots(of: scene.host.name).first { $0.bootID == scene.host.machine.boot }
        #expect(boot?.verdict?.erasure == .erased && boot?.verdict?.retention == .kept)
    }

    @Test func `an undecided boot is written down once, not with every observation`() async throws {
        let scene = try await unordered()
        scene.host.interrupt = .always("canaries", .loseAnswer)
        var evidence: Set<EvidenceID?> = []
        for _ in 0..<4 {
            _ = try await scene.engine.observe(scene.settings[0], kind: .drift)
            evidence.insert(
                try await scene.store.boots(of: scene.host.name).first { $0.bootID == scene.host.machine.boot }?
                    .evidence)
        }
        #expect(evidence.count == 1)
    }

    @Test func `a host that boots between its observation and its canaries proves nothing`() async throws {
        let scene = try await unordered()
        let host = scene.host
        host.interrupt = ScriptedHost.Interrupt { request in
            // The canaries are read over the next connection.
            if request.asks("drift") { host.happens(.up(after: .milliseconds(1))) }
            return nil
        }
        let look = try await scene.engine.observe(scene.settings[0], kind: .drift)
        #expect(look.unorderedBoot == nil)
        host.interrupt = .never
        #expect(host.machine.boots == 3)
    }

    @Test func `a plain reboot waits for a new boot, and knows a mere restart`() async throws {
        let courses: [(ScriptedHost.Course, booted: Bool)] = [
            (.boot(after: .seconds(90)), true), (.softReboot, false), (.nothing, false), (.neverBack, false),
        ]
        for (course, isBooted) in courses {
            let scene = try RolloutScene()
            scene.host.whenToldToReboot = course
            let end = await scene.engine.reboot(scene.settings[0], mark: "onboard-1")
            switch end {
            case .booted(let boot): #expect(isBooted && boot == scene.host.machine.boot(1))
            case .failed(let message): #expect(!isBooted && !message.isEmpty)
            }
            #expect(scene.host.machine.boots == (isBooted ? 1 : 0))
        }
    }

    @Test func `a plain reboot that is sent again in the same boot happens once`() async throws {
        let scene = try RolloutScene()
        scene.host.interrupt = .once("reboot", .loseAnswer)
        guard case .booted = await scene.engine.reboot(scene.settings[0], mark: "onboard-1") else {
            Issue.record("it did not boot")
            return
        }
        #expect(scene.host.machine.boots == 1)
    }
}
