import EbbModel
import EbbPlan
import EbbStore
import EbbTestSupport
import EbbTransport
import Testing

@testable import EbbEngine

/// Walks the journal: whatever state a process dies in, and whatever becomes of the host, there is a
/// way out.
struct JournalWayOutTests {
    /// What becomes of a host after its rollout's process has ended.
    enum Fate: String, CaseIterable, Sendable {
        /// It runs the boot that it ran, and does as it is told.
        case stays
        /// It booted meanwhile.
        case booted
        /// It booted meanwhile and erased nothing.
        case bootedDirty
        /// It does not answer.
        case silent
        /// It answers to nothing but the question for its boot.
        case mute
        /// It is no longer in the inventory.
        case leftInventory
        /// A person has decided about it.
        case overridden
        /// Another machine answers at its address.
        case otherKey
    }

    static let rows: [(AttemptState, Fate)] = [AttemptState]([.planned, .preflight, .canaries, .intent, .sent, .booted])
        .flatMap { state in Fate.allCases.map { (state, $0) } }

    @Test(arguments: rows) func `every state of the journal has a way out, whatever the host answers`(
        state: AttemptState, fate: Fate
    ) async throws {
        let scene = try RolloutScene()
        let host = scene.host
        let stored = try await scene.abandoned(in: state)
        var known = scene.settings
        switch fate {
        case .stays: break
        case .booted: host.machine.comeUp()
        case .bootedDirty:
            host.machine.erased = []
            host.machine.comeUp()
        case .silent: host.machine.goDown()
        case .mute: host.machine.trouble = .bannerTimedOut
        case .leftInventory: known = []
        case .overridden:
            host.machine.goDown()
            let isFree = try await RolloutDriver.override(
                stored.id, host.name, author: "ops", reason: "seen", in: scene.store)
            // The rollout has not ended: what holds the host is said, not glossed over.
            #expect(!isFree)
        case .otherKey: host.machine.trouble = .hostKeyMismatch
        }
        let (driver, _) = scene.driver(knowing: known)
        try await driver.resume(try await scene.store.rollout(stored.id), startingMore: false)

        #expect(try await scene.store.rollout(stored.id).state != .running)
        let attempt = try #require(try await scene.store.attempts(of: stored.id).last)
        #expect(attempt.state.isFinal)
        if !state.mayHaveRebooted {
            #expect(attempt.state == .skipped)
            #expect(host.machine.boots <= (fate == .booted || fate == .bootedDirty ? 1 : 0))
        }
        if fate == .overridden { #expect(try await scene.isFree(host.name)) }
        // What is not decided keeps its host until a person decides, and then no longer.
        if try await !scene.isFree(host.name) {
            #expect(attempt.state == .inconclusive)
            let isFree = try await RolloutDriver.override(
                stored.id, host.name, author: "ops", reason: "seen", in: scene.store)
            #expect(isFree)
        }
        let (next, told) = scene.driver()
        host.machine.trouble = nil
        if !host.machine.erased.contains("/") { host.machine.erased = ["/"] }
        _ = try await next.start(scene.plan, pattern: "a", acceptsLoss: false)
        #expect(told.words.last == "finished" || told.words.last == "halted")
    }

    @Test func `hosts that left the inventory keep back nobody who is still in it`() async throws {
        let scene = try RolloutScene(["a", "b"]) { $0.reboot.maxUnavailable = .rest }
        let stored = try await scene.abandoned(in: .sent)
        for host in scene.fleet.hosts { host.machine.comeUp() }
        let (driver, told) = scene.driver(knowing: [scene.settings[1]])
        try await driver.reconcile([scene.settings[1]])
        #expect(told.words.contains("a evidence-incomplete"))
        #expect(try await scene.store.rollout(stored.id).state != .running)
        #expect(try await scene.store.attempts(of: stored.id).allSatisfy { $0.state.isFinal })
        #expect(try await !scene.isFree(scene.settings[0].host))
    }

    @Test func `an abort of a rollout that has ended says so, and is a mistake in use`() async throws {
        let scene = try RolloutScene()
        let (driver, _) = scene.driver()
        let id = try await driver.start(scene.plan, pattern: "a", acceptsLoss: false)
        let stored = try await scene.store.rollout(id)
        let failure = await #expect(throws: Failure.self) {
            _ = try await RolloutDriver.abort(stored, author: "ops", reason: "late", in: scene.store)
        }
        #expect(failure?.status == .usage && failure?.message.contains("has ended (finished)") == true)
        #expect(failure?.hint?.contains("ebb reboot status") == true)
    }

    @Test func `an override frees at once where the rollout has ended`() async throws {
        let scene = try RolloutScene()
        scene.host.whenToldToReboot = .neverBack
        let (driver, _) = scene.driver()
        let id = try await driver.start(scene.plan, pattern: "a", acceptsLoss: false)
        let isFree = try await RolloutDriver.override(
            id, scene.host.name, author: "ops", reason: "seen", in: scene.store)
        #expect(isFree)
        await #expect(throws: Failure.self) {
            try await RolloutDriver.override(id, try HostName("z"), author: "ops", reason: "seen", in: scene.store)
        }
    }
}
