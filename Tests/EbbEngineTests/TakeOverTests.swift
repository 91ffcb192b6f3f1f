import EbbEngine
import EbbModel
import EbbPlan
import EbbProbe
import EbbStore
import EbbTestSupport
import EbbTransport
import Testing

/// A rollout that is taken over: nothing is rebooted on an old decision, and no evidence is mixed.
@Suite struct TakeOverTests {
    @Test func `a reboot that was decided days ago is decided anew`() async throws {
        let scene = try RolloutScene()
        scene.host.interrupt = .once("reboot", .stopBefore)
        let rollout = try await scene.runUntilStopped()
        scene.fleet.clock.advance(.seconds(3 * 86_400))
        let result = try await scene.resume(rollout) { _ in "outside the window" }
        #expect(result.ends[scene.host.name]?.reason == .notAllowedNow)
        #expect(scene.host.machine.boots == 0)
        #expect(scene.host.machine.lease == nil)
        #expect(
            try await scene.states() == [
                [.planned, .preflight, .canaries, .intent, .skipped], [.planned, .preflight, .skipped],
            ])
    }

    @Test func `what has drifted since is asked before the reboot`() async throws {
        let scene = try RolloutScene()
        scene.host.interrupt = .once("reboot", .stopBefore)
        let rollout = try await scene.runUntilStopped()
        scene.host.machine.kept = []
        let result = try await scene.resume(rollout)
        #expect(result.ends[scene.host.name]?.reason == .storageNotMounted)
        #expect(scene.host.machine.boots == 0)
    }

    @Test func `a script that arrives after the take-over does nothing`() async throws {
        let scene = try RolloutScene()
        scene.host.interrupt = .once("reboot", .stopBefore)
        let rollout = try await scene.runUntilStopped()
        let attempt = try await scene.attempts()[0]
        let canaries = try await scene.store.canaries(of: attempt.id)
        try await scene.resume(rollout, startingMore: false)
        let token = try #require(CanaryToken(canaries[0].token))
        let mark = "\(attempt.id.value)-\(token.random.prefix(12))"
        let late = ProbeScript.Probe(
            name: "reboot", shell: RebootShell.send(attempt: mark, expecting: scene.host.machine.boot))
        let answer = try await scene.engine.ask(scene.settings[0], [late])
        let output = answer.report.results["reboot"]?.output ?? []
        #expect(RebootShell.answer(output) == .alreadySent)
        scene.fleet.clock.advance(.seconds(60))
        #expect(scene.host.machine.boots == 0)
    }

    @Test func `a host that cannot be asked keeps its slot, and is freed once it says no`() async throws {
        let scene = try RolloutScene()
        scene.host.interrupt = .once("reboot", .stopBefore)
        let rollout = try await scene.runUntilStopped()
        scene.host.machine.trouble = .connectTimedOut
        let result = try await scene.resume(rollout)
        #expect(result.ends[scene.host.name]?.reason == .neverBack)
        var attempt = try await scene.attempts()[0]
        #expect(attempt.state == .inconclusive && attempt.holdsHost)

        #expect(try await scene.engine.judgeLate(attempt, scene.settings[0]) == nil)
        scene.host.machine.trouble = nil
        let late = try await scene.engine.judgeLate(attempt, scene.settings[0])
        #expect(late?.reason == .aborted)
        attempt = try await scene.attempts()[0]
        #expect(attempt.override?.author == "ebb" && !attempt.holdsHost)
        #expect(scene.host.machine.boots == 0)
    }

    @Test func `a host that booted by itself meanwhile is judged, not rebooted`() async throws {
        let scene = try RolloutScene()
        scene.host.interrupt = .once("reboot", .stopBefore)
        let rollout = try await scene.runUntilStopped()
        scene.host.machine.comeUp(at: scene.fleet.clock.now)
        let result = try await scene.resume(rollout)
        #expect(result.ends[scene.host.name]?.reason == .proven)
        #expect(scene.host.machine.boots == 1)
        // The one that never reached it.
        #expect(scene.host.requests.count { $0.asks("reboot") } == 1)
    }

    @Test func `an abort that comes while hosts are asked starts nothing more`() async throws {
        let scene = try RolloutScene(["a", "b"]) { $0.reboot.waves = [.hosts(1)] }
        scene.host.interrupt = .once("reboot", .stopBefore)
        let rollout = try await scene.runUntilStopped()
        let result = try await scene.resume(rollout, startingMore: false)
        #expect(result.state == .aborted)
        #expect(scene.fleet.hosts.map(\.machine.boots) == [0, 0])
        #expect(result.ends.values.allSatisfy { $0.reason == .aborted })
    }

    @Test func `facts of the new boot are never taken for those before it`() async throws {
        let scene = try RolloutScene()
        scene.host.interrupt = .once("boot", .stopBefore)
        let rollout = try await scene.runUntilStopped()
        scene.fleet.clock.advance(.seconds(60))
        #expect(scene.host.machine.boots == 1)
        // `ebb reboot plan --ask`, in the new boot.
        _ = try await scene.engine.preflight(
            scene.settings[0], controller: PreflightGate.Controller(bootID: nil, machineID: nil), acceptsLoss: false)
        let result = try await scene.resume(rollout)
        #expect(result.ends[scene.host.name]?.reason == .proven)
    }

    @Test func `an observation that broke off does not replace what was known before the boot`() async throws {
        let scene = try RolloutScene()
        scene.host.machine.failedUnits = ["old.service"]
        scene.host.interrupt = .once("reboot", .stopAfter)
        let rollout = try await scene.runUntilStopped()
        // In the old boot still, and cut behind the machine's boot id.
        scene.host.interrupt = .once("drift", .shorten(180))
        _ = try await scene.engine.observe(scene.settings[0], kind: .drift)
        let result = try await scene.resume(rollout)
        #expect(result.ends[scene.host.name]?.reason == .proven)
    }

    @Test func `a controller that wakes up after the take-over changes nothing`() async throws {
        let scene = try RolloutScene()
        scene.host.interrupt = .once("plant", .stopAfter)
        let rollout = try await scene.begin()
        let (runner, plan) = (try await scene.runner(rollout), scene.plan)
        let first = Task { try await runner.run(plan) }
        await scene.fleet.stopped()
        try await scene.resume(rollout)
        let states = try await scene.states()
        first.cancel()
        await #expect(throws: StoreError.self) { try await first.value }
        #expect(try await scene.states() == states)
        #expect(scene.host.machine.boots == 1)
    }
}
