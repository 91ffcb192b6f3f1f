import EbbModel
import EbbStore
import EbbTestSupport
import EbbTransport
import FoundationEssentials
import Testing

@testable import EbbEngine
@testable import EbbPlan

/// The driver that every command uses: one rollout from its start to its end, and what is refused.
struct RolloutDriverTests {
    @Test func `a rollout is told from its beginning to its end, and held only while it runs`() async throws {
        let scene = try RolloutScene(["a", "b"]) { $0.reboot.maxUnavailable = .rest }
        let held = HeldRollouts()
        let (driver, told) = scene.driver(held: held)
        let id = try await driver.start(try await driver.plan(scene.settings), pattern: "all", acceptsLoss: false)
        #expect(told.words.first == "began \(id.value)")
        #expect(told.words.last == "finished")
        #expect(Set(told.words) == ["began \(id.value)", "a proven", "b proven", "finished"])
        #expect(held.rollouts.isEmpty)
        #expect(try await scene.store.rollout(id).state == .finished)
        #expect(scene.fleet.hosts.map(\.machine.boots) == [1, 1])
    }

    @Test func `the plan that is stored can be read back, and its hash names it`() async throws {
        let scene = try RolloutScene(["a", "b", "c"])
        let plan = scene.plan
        #expect(try RebootPlan(text: try plan.text()) == plan)
        #expect(try plan.hash().count == 12)
        let other = try RolloutScene(["a", "b"]).plan
        #expect(try plan.hash() != other.hash())
    }

    @Test func `a host that another rollout holds is refused, and the words say what to do`() async throws {
        let scene = try RolloutScene()
        let stored = try await scene.abandoned()
        let (driver, told) = scene.driver()
        let plan = scene.plan
        let error = await #expect(throws: StoreError.self) {
            try await driver.start(plan, pattern: "a", acceptsLoss: false)
        }
        #expect(error?.code == .hostsBusy)
        #expect(told.words.isEmpty)
        let failure = try await RolloutDriver.failure(busy: try #require(error), in: scene.store)
        #expect(failure.status == .incomplete)
        #expect(failure.hint?.contains("ebb reboot resume \(stored.id.value)") == true)
    }

    @Test func `a thrown switch starts nothing, resumes nothing and reconciles nothing`() async throws {
        let scene = try RolloutScene()
        let stored = try await scene.abandoned(in: .sent)
        let aborts = AbortSwitch()
        aborts.abort()
        let (driver, told) = scene.driver(aborts: aborts)
        let plan = scene.plan
        for work: () async throws -> Void in [
            { _ = try await driver.start(plan, pattern: "a", acceptsLoss: false) },
            { _ = try await driver.start(plan, pattern: "a", in: []) }, { try await driver.resume(stored) },
            { try await driver.reconcile(scene.settings) },
        ] {
            let failure = await #expect(throws: Failure.self) { try await work() }
            #expect(failure?.status == .interrupted)
        }
        #expect(told.words.isEmpty && scene.host.requests.isEmpty == false)
        #expect(try await scene.store.rollouts(limit: 10).count == 1)
    }

    @Test func `Ctrl-C during reconciliation starts no rollout after it`() async throws {
        let scene = try RolloutScene()
        _ = try await scene.abandoned(in: .sent)
        scene.host.happens(.up(after: .seconds(30)))
        let aborts = AbortSwitch()
        let (driver, _) = scene.driver(aborts: aborts) { event in if case .began = event { aborts.abort() } }
        try await driver.reconcile(scene.settings)
        let plan = try await driver.plan(scene.settings)
        let failure = await #expect(throws: Failure.self) {
            try await driver.start(plan, pattern: "a", acceptsLoss: false)
        }
        #expect(failure?.status == .interrupted)
        #expect(scene.host.machine.boots == 1)
    }

    @Test func `a switch that is thrown in mid-rollout lets running hosts end and starts no more`() async throws {
        let scene = try RolloutScene(["a", "b"]) { $0.reboot.waves = [.hosts(1)] }
        let aborts = AbortSwitch()
        let (driver, told) = scene.driver(aborts: aborts) { event in
            if case .entered(_, .sent, _) = event { aborts.abort() }
        }
        let id = try await driver.start(scene.plan, pattern: "all", acceptsLoss: false)
        #expect(told.words == ["began \(id.value)", "a proven", "b aborted", "aborted"])
        #expect(scene.fleet.hosts.map(\.machine.boots) == [1, 0])
    }

    @Test func `a wish in the database ends a rollout that another process runs`() async throws {
        let scene = try RolloutScene()
        let stored = try await scene.abandoned()
        let end = try await RolloutDriver.abort(stored, author: "ops", reason: "a typo", in: scene.store)
        guard case .isAbandoned = end else {
            Issue.record("its process is gone")
            return
        }
        let (driver, told) = scene.driver()
        try await driver.resume(stored, startingMore: false)
        #expect(told.words.contains("a aborted"))
        #expect(try await scene.store.rollout(stored.id).state == .aborted)
        #expect(scene.host.machine.boots == 0)
        #expect(try await scene.isFree(scene.host.name))
    }

    @Test func `a window is taken once, together with its rollout`() async throws {
        let scene = try RolloutScene()
        let (driver, _) = scene.driver()
        let slot = ScheduleSlot(
            schedule: "weekly", opensAt: scene.fleet.clock.date, state: .claimed, recordedAt: scene.fleet.clock.date)
        let first = try await driver.start(scene.plan, pattern: "a", in: [slot])
        #expect(first != nil)
        #expect(try await driver.start(scene.plan, pattern: "a", in: [slot]) == nil)
        #expect(scene.host.machine.boots == 1)
    }

    @Test func `other settings for a host hold for the driver that was given them`() async throws {
        let scene = try RolloutScene(["a", "b"])
        var changed = scene.settings[0]
        changed.reboot.failureBudget = 7
        let driver = scene.driver().driver.replacing([changed])
        #expect(driver.fleet.map(\.reboot.failureBudget) == [7, 99])
        #expect(try await driver.plan([changed]).failureBudget == 7)
    }

    @Test func `a rehearsal asks every gate that only reads, and changes nothing`() async throws {
        let scene = try RolloutScene(["a", "b", "c"])
        scene.fleet.hosts[1].machine.goDown()
        scene.fleet.hosts[2].machine.kept = []
        let (driver, _) = scene.driver()
        let plan = try await driver.plan(scene.settings)
        let outlooks = try await driver.askedOutlooks(of: plan, acceptsLoss: false)
        let answers = scene.settings.map { settings -> AttemptReason? in
            guard case .wouldNot(let end)? = outlooks[settings.host]?.answer else { return nil }
            return end.reason
        }
        #expect(answers == [nil, .unreachable, .storageNotMounted])
        #expect(scene.host.machine.lease == nil && scene.host.machine.boots == 0)
        #expect(try await scene.store.rollouts(limit: 1).isEmpty)
    }

    @Test func `a host that comes back too late is proven when it is asked again`() async throws {
        let scene = try RolloutScene()
        scene.host.whenToldToReboot = .neverBack
        let (driver, told) = scene.driver()
        let id = try await driver.start(scene.plan, pattern: "a", acceptsLoss: false)
        #expect(told.words.contains("a never-back"))
        #expect(try await !scene.isFree(scene.host.name))
        try await driver.judgeLate()
        #expect(!told.words.contains { $0.hasPrefix("late") })
        scene.host.machine.comeUp()
        try await driver.judgeLate { _ in false }
        #expect(!told.words.contains { $0.hasPrefix("late") })
        try await driver.judgeLate()
        #expect(told.words.last == "late a proven")
        #expect(try await scene.isFree(scene.host.name))
        #expect(try await scene.store.attempts(of: id).last?.state == .inconclusive)
    }
}

/// A host that falls silent in the middle of a step: what it would have answered is not known.
struct SilentStepTests {
    @Test(arguments: ["lease", "drain-0", "plant"])
    func `a host that falls silent before it is told to reboot was not heard, and exits with 4`(probe: String)
        async throws
    {
        let scene = try RolloutScene { $0.reboot.drain = ["drain"] }
        scene.host.interrupt = .always(probe, .loseQuestion)
        let result = try await scene.run()
        let end = try #require(result.ends[scene.host.name])
        #expect(end.reason == .unreachable)
        #expect(end.reason.exitStatus == .incomplete)
        #expect(scene.host.machine.boots == 0)
    }

    @Test(arguments: ["health-0", "undrain-0"])
    func `a host that falls silent after its boot has not failed: the evidence lacks something`(probe: String)
        async throws
    {
        let scene = try RolloutScene {
            $0.reboot.health = ["health"]
            $0.reboot.undrain = ["undrain"]
        }
        scene.host.interrupt = .always(probe, .loseAnswer)
        let end = try #require(try await scene.run().ends[scene.host.name])
        #expect(end.reason == .evidenceIncomplete)
        #expect(end.reason.exitStatus == .incomplete)
        #expect(try await !scene.isFree(scene.host.name))
    }

    @Test func `a command that answers with a failure is a finding`() async throws {
        for (probe, reason) in [("drain-0", AttemptReason.hookFailed), ("health-0", .healthFailed)] {
            let scene = try RolloutScene {
                $0.reboot.drain = ["drain"]
                $0.reboot.health = ["health"]
            }
            scene.host.machine.answers[probe] = ScriptedMachine.Answer(error: "no", status: 1)
            let end = try #require(try await scene.run().ends[scene.host.name])
            #expect(end.reason == reason)
            #expect(end.reason.exitStatus == .findings)
        }
    }
}

/// The switch that Ctrl-C throws, and who runs a rollout.
struct AbortSwitchTests {
    @Test func `whoever listens is told once it is thrown, before or after`() async {
        let aborts = AbortSwitch()
        let early = aborts.stream()
        #expect(throws: Never.self) { try aborts.check() }
        aborts.abort()
        for stream in [early, aborts.stream()] {
            var iterator = stream.makeAsyncIterator()
            #expect(await iterator.next() != nil)
        }
        #expect(aborts.isThrown)
        let failure = #expect(throws: Failure.self) { try aborts.check() }
        #expect(failure?.status == .interrupted)
    }

    @Test func `a rollout is abandoned when its process is gone, or let it go`() async throws {
        let scene = try RolloutScene(["a", "b", "c"])
        let held = HeldRollouts()
        let dead = try await scene.abandoned()
        #expect(held.isAbandoned(dead))
        let other = try RolloutScene(["d"])
        let mine = try await other.store.beginRollout(
            pattern: "d", plan: "{}", planHash: "", controller: ControllerProcess.current(), hosts: other.plan.members,
            at: other.fleet.clock.date)
        held.insert(mine)
        #expect(try await !held.isAbandoned(other.store.rollout(mine)))
        held.remove(mine)
        #expect(try await held.isAbandoned(other.store.rollout(mine)))
        try await other.store.finishRollout(mine, state: .halted, at: other.fleet.clock.date)
        #expect(try await !held.isAbandoned(other.store.rollout(mine)))
        // Whether a process on another machine runs cannot be seen from here.
        let far = try RolloutScene(["e"])
        let elsewhere = try await far.begin()
        #expect(try await !held.isAbandoned(far.store.rollout(elsewhere)))
    }
}
