import EbbModel
import EbbPlan
import EbbStore
import EbbTestSupport
import EbbTransport
import Testing

@testable import EbbEngine

/// Every step of an attempt × everything that can happen to it.
///
/// The host counts its boots itself: whatever is lost, it must never boot twice for one attempt,
/// and no state of the journal may be a dead end.
@Suite struct AttemptTableTests {
    private static let whole: [AttemptState] = [.planned, .preflight, .canaries, .intent, .sent, .booted, .proven]

    /// One step of an attempt, as the host sees it: a probe, and which of its askings.
    struct Step: Sendable, CustomStringConvertible {
        let probe: String
        let nth: Int

        init(_ probe: String, _ nth: Int) {
            self.probe = probe
            self.nth = nth
        }

        var description: String { "\(probe) \(nth)" }

        static let preflight = Step("drift", 1)
        static let takeLease = Step("lease", 1)
        static let plant = Step("plant", 1)
        static let reboot = Step("reboot", 1)
        static let firstWait = Step("boot", 1)
        static let retakeLease = Step("lease", 2)
        static let settle = Step("settle", 1)
        static let proof = Step("drift", 2)
        static let canaries = Step("canaries", 1)
        static let releaseLease = Step("lease", 3)
        static let standing = Step("plant", 2)

        static let all = [
            preflight, takeLease, plant, reboot, firstWait, retakeLease, settle, proof, canaries, releaseLease,
            standing,
        ]
        /// Up to the step before the reboot is handed over.
        static let early = [preflight, takeLease, plant]
        /// Once the reboot was handed over.
        static let late = [firstWait, retakeLease, settle, proof, canaries, releaseLease, standing]
    }

    /// Where an answer of Ebb's probes is cut: in a mark, between two, in the output, behind all.
    private static let cuts = [0, 1, 20, 39, 60, 88, 120, 100_000]

    private func disturbed(_ step: Step, _ interruption: ScriptedHost.Interruption) async throws -> (
        scene: RolloutScene, end: AttemptReason?
    ) {
        let scene = try RolloutScene()
        scene.host.interrupt = .once(step.probe, nth: step.nth, interruption)
        let end = try await scene.run().ends[scene.host.name]?.reason
        return (scene, end)
    }

    @Test(arguments: Step.early, cuts) func `a connection that ends before the reboot leaves the host alone`(
        step: Step, cut: Int
    ) async throws {
        let (scene, end) = try await disturbed(step, .cut(cut))
        #expect(end == .unreachable)
        #expect(scene.host.machine.boots == 0)
        #expect(!scene.host.machine.isToldToReboot)
        #expect(scene.host.machine.lease == nil)
        #expect(try await scene.states()[0].last == .skipped)
    }

    @Test(arguments: Step.early) func `a question that is lost before the reboot leaves the host alone`(step: Step)
        async throws
    {
        for interruption in [
            ScriptedHost.Interruption.loseQuestion, .refuse(.connectTimedOut), .shorten(0), .shorten(60),
        ] {
            let (scene, end) = try await disturbed(step, interruption)
            #expect(end?.state == .skipped, "\(interruption)")
            #expect(scene.host.machine.boots == 0)
            #expect(scene.host.machine.lease == nil, "\(interruption)")
        }
    }

    @Test(arguments: cuts) func `a host that was told boots once, whatever arrives of its answer`(cut: Int) async throws
    {
        let (scene, end) = try await disturbed(.reboot, .cut(cut))
        #expect(end == .proven)
        #expect(scene.host.machine.boots == 1)
        #expect(try await scene.states() == [Self.whole])
    }

    @Test func `an answer that says nothing is no reason to ask twice`() async throws {
        for cut in [0, 30, 70] {
            let (scene, end) = try await disturbed(.reboot, .shorten(cut))
            #expect(end == .proven)
            #expect(scene.host.requests.count { $0.asks("reboot") } == 1)
        }
    }

    @Test func `a reboot that could not be sent is sent again, and happens once`() async throws {
        let (scene, end) = try await disturbed(.reboot, .refuse(.connectRefused))
        #expect(end == .proven)
        #expect(scene.host.machine.boots == 1)
        #expect(scene.host.requests.count { $0.asks("reboot") } == 2)
    }

    @Test func `a reboot that was lost on its way is found out, and cannot come late`() async throws {
        let (scene, end) = try await disturbed(.reboot, .loseQuestion)
        #expect(end == .didNotReboot)
        let attempt = try await scene.attempts()[0]
        #expect(attempt.lastEvent.detail["message"]?.contains("never reached it") == true)
        #expect(scene.host.machine.lease == nil)
        #expect(scene.host.machine.boots == 0)
    }

    @Test(arguments: Step.late, cuts) func `a connection that ends after the reboot loses no proof`(
        step: Step, cut: Int
    ) async throws {
        let (scene, end) = try await disturbed(step, .cut(cut))
        #expect(end == .proven)
        #expect(scene.host.machine.boots == 1)
        #expect(try await scene.states() == [Self.whole])
    }

    @Test(arguments: [Step.proof, .canaries]) func `evidence that stays away is not made up`(step: Step) async throws {
        let scene = try RolloutScene()
        let interruption = ScriptedHost.Interruption.shorten(100)
        let seen = step.nth == 1 ? 0 : 1
        let preflights = scene.host
        preflights.interrupt = ScriptedHost.Interrupt { request in
            request.asks(step.probe) && (seen == 0 || request.time > .seconds(15)) ? interruption : nil
        }
        let end = try await scene.run().ends[scene.host.name]?.reason
        #expect(end == .evidenceIncomplete)
        #expect(try await scene.attempts()[0].holdsHost)
        #expect(scene.host.machine.boots == 1)
    }

    @Test(arguments: Step.all, [false, true]) func `another controller goes on wherever the first one was killed`(
        step: Step, hasRun: Bool
    ) async throws {
        let scene = try RolloutScene()
        scene.host.interrupt = .once(step.probe, nth: step.nth, hasRun ? .stopAfter : .stopBefore)
        let rollout = try await scene.runUntilStopped()
        let end = try await scene.resume(rollout)
        #expect(end.state == .finished)
        #expect(scene.host.machine.boots == 1)
        #expect(scene.host.machine.lease == nil)
        let states = try await scene.states()
        #expect(states.last == Self.whole)
        #expect(states.count <= 2 && states.dropLast().allSatisfy { $0.last == .skipped })
        #expect(try await scene.store.verifyChain().isIntact)
    }

    @Test(arguments: Step.all, [false, true]) func `an abort after the first controller was killed sends nothing`(
        step: Step, hasRun: Bool
    ) async throws {
        let scene = try RolloutScene()
        scene.host.interrupt = .once(step.probe, nth: step.nth, hasRun ? .stopAfter : .stopBefore)
        let rollout = try await scene.runUntilStopped()
        let told = scene.host.machine.isToldToReboot || scene.host.machine.boots > 0
        try await scene.resume(rollout, startingMore: false)
        #expect(scene.host.machine.boots == (told ? 1 : 0))
        #expect(scene.host.requests.count { $0.asks("reboot") } <= 1)
        #expect(scene.host.machine.lease == nil)
        let states = try await scene.states()
        #expect(states.count == 1)
        #expect(states[0].last == (told ? .proven : .skipped))
        #expect(try await !scene.attempts()[0].holdsHost)
    }

    @Test(arguments: Step.all, [false, true])
    func `a controller that is cancelled leaves nothing that another one cannot end`(step: Step, hasRun: Bool)
        async throws
    {
        let scene = try RolloutScene()
        scene.host.interrupt = .once(step.probe, nth: step.nth, hasRun ? .stopAfter : .stopBefore)
        let rollout = try await scene.begin()
        let (runner, plan) = (try await scene.runner(rollout), scene.plan)
        let controller = Task { try await runner.run(plan) }
        await scene.fleet.stopped()
        controller.cancel()
        _ = await controller.result
        if try await scene.store.rollout(rollout).state == .running { try await scene.resume(rollout) }
        let attempts = try await scene.attempts()
        #expect(scene.host.machine.boots <= 1)
        #expect(attempts.allSatisfy { $0.state.isFinal })
        // Whoever was told and not seen to the end keeps its slot.
        if scene.host.machine.boots == 1, attempts.last?.state != .proven {
            #expect(attempts.last?.state == .inconclusive)
            #expect(attempts.last?.holdsHost == true)
        }
    }

    @Test(arguments: Step.all, [false, true]) func `two controllers that are killed one after the other make one boot`(
        step: Step, hasRun: Bool
    ) async throws {
        let scene = try RolloutScene()
        scene.host.interrupt = .once("reboot", .stopAfter)
        let rollout = try await scene.runUntilStopped()
        let again = step.probe == "reboot" ? Step("withdraw", 1) : Step(step.probe, 1)
        // The second one is killed, too, if it comes to that step at all.
        scene.host.interrupt = .once(again.probe, hasRun ? .stopAfter : .stopBefore)
        let fence = try await scene.store.takeOver(
            rollout, by: scene.controller, expectedFence: 1, at: scene.fleet.clock.date)
        let (ended, ongoing) = try await JournalReading(store: scene.store, rollout: rollout).read()
        let (runner, plan) = (try await scene.runner(rollout, fence: fence), scene.plan)
        let second = Task { try await runner.resume(plan, ended: ended, ongoing: ongoing) }
        let watcher = Task { _ = await second.result }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await scene.fleet.stopped() }
            group.addTask { await watcher.value }
            await group.next()
            second.cancel()
            group.cancelAll()
        }
        _ = await second.result
        if try await scene.store.rollout(rollout).state == .running { try await scene.resume(rollout) }
        #expect(scene.host.machine.boots == 1)
        #expect(scene.host.requests.count { $0.asks("reboot") } == 1)
        #expect(try await scene.attempts().count == 1)
    }
}
