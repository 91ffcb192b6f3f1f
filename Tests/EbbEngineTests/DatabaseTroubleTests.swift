import Dispatch
import EbbModel
import EbbPlan
import EbbTestSupport
import EbbTransport
import FoundationEssentials
import Synchronization
import Testing

@testable import EbbEngine
@testable import EbbStore

/// A database that is busy, or broken, in the middle of a rollout.
struct DatabaseTroubleTests {
    /// Another process that holds the database for as long as a test wants.
    private final class Holder: Sendable {
        private let store: Store
        private let release = DispatchSemaphore(value: 0)

        init(_ path: String) throws { store = try Store.open(path, busyTimeout: 1) }

        /// Returns once the database is held.
        func hold() async {
            let (stream, held) = AsyncStream<Void>.makeStream()
            let (store, release) = (store, release)
            Task {
                try await store.write { _ in
                    held.yield()
                    release.wait()
                }
            }
            for await _ in stream { return }
        }

        func letGo() { release.signal() }
    }

    /// A transport that does something before the first connection after it was armed.
    private struct Ambush: Transport {
        let base: ScriptedFleet
        let action: @Sendable () async -> Void
        let isArmed = Flag()

        func withConnection<Result: Sendable>(
            to settings: ConnectionSettings, timeout: Duration,
            _ body: (any Connection) async throws(TransportError) -> Result
        ) async throws(TransportError) -> Result {
            if isArmed.take() { await action() }
            return try await base.withConnection(to: settings, timeout: timeout, body)
        }
    }

    private final class Flag: Sendable {
        private let value = Mutex(false)

        func raise() { value.withLock { $0 = true } }

        func take() -> Bool {
            value.withLock { value in
                defer { value = false }
                return value
            }
        }
    }

    /// Runs a rollout in whose middle the database is held from the connection on that follows
    /// `state`; `isReleased` says whether it is let go again when that is noticed.
    private func run(
        heldAfter state: AttemptState, isReleased: Bool,
        _ check: (RolloutScene, Store, Told, (any Error)?) async throws -> Void
    ) async throws {
        try await withScratchDirectory { directory in
            let path = "\(directory)/ebb.sqlite"
            let store = try Store.open(path, busyTimeout: 0.001)
            let holder = try Holder(path)
            let scene = try RolloutScene {
                $0.reboot.drain = ["drain"]
                $0.reboot.undrain = ["undrain"]
            }
            let ambush = Ambush(base: scene.fleet) { await holder.hold() }
            let (driver, told) = scene.driver(through: ambush, store: store) { event in
                switch event {
                case .entered(_, state, _): ambush.isArmed.raise()
                case .databaseBusy: if isReleased { holder.letGo() }
                default: return
                }
            }
            var thrown: (any Error)?
            do { _ = try await driver.start(scene.plan, pattern: "a", acceptsLoss: false) } catch { thrown = error }
            if !isReleased { holder.letGo() }
            try await check(scene, store, told, thrown)
        }
    }

    @Test(arguments: [AttemptState.preflight, .canaries, .intent, .sent, .booted])
    func `a rollout waits for a database that another process holds`(state: AttemptState) async throws {
        try await run(heldAfter: state, isReleased: true) { scene, _, told, error in
            #expect(error == nil)
            #expect(told.words.contains("busy"))
            #expect(told.words.suffix(2) == ["a proven", "finished"])
            #expect(scene.host.machine.boots == 1)
        }
    }

    @Test func `a host that was not told to reboot gets its services and its lease back`() async throws {
        try await run(heldAfter: .canaries, isReleased: false) { scene, store, told, error in
            let failure = try #require(error as? Failure)
            #expect(failure.status == .toolFailure)
            #expect(failure.hint?.contains("ebb reboot resume") == true)
            #expect(told.words.contains { $0.hasPrefix("left a: it was not told to reboot") })
            #expect(scene.host.machine.lease == nil && scene.host.machine.boots == 0)
            #expect(scene.host.requests.last?.asks("undrain-0") == true)
        }
    }

    @Test func `a host that was told to reboot is watched, and judged once the database is back`() async throws {
        try await run(heldAfter: .sent, isReleased: false) { scene, store, told, error in
            #expect(error is Failure)
            let boot = scene.host.machine.boot
            #expect(
                told.words.contains {
                    $0 == "left a: it was told to reboot and runs boot \(boot), which is not " + "judged yet"
                })
            let rollout = try #require(try await store.unfinishedRollouts().first)
            let (driver, after) = scene.driver(store: store)
            #expect(driver.held.isAbandoned(rollout))
            try await driver.resume(rollout)
            #expect(after.words.suffix(2) == ["a proven", "finished"])
            #expect(scene.host.machine.boots == 1)
        }
    }

    @Test func `a store that refuses one host ends the rollout where nobody was told anything`() async throws {
        let scene = try RolloutScene(["a", "b"]) {
            $0.reboot.waves = [.hosts(1)]
            $0.reboot.undrain = ["undrain"]
        }
        let id = try await scene.begin()
        let runner = try await scene.runner(id) { _ throws(StoreError) in throw StoreError(.full, "the disk is full") }
        await #expect(throws: StoreError.self) { try await runner.run(scene.plan) }
        let rollout = try await scene.store.rollout(id)
        #expect(rollout.state == .halted)
        #expect(rollout.reason?.contains("the disk is full") == true)
        for host in scene.fleet.hosts {
            #expect(host.machine.boots == 0 && host.machine.lease == nil)
            #expect(try await scene.isFree(host.name))
        }
    }

    @Test func `what goes wrong at one host takes nothing from the others`() async throws {
        let scene = try RolloutScene(["a", "b", "c"])
        let outcomes = try await scene.engine.each(scene.settings) { settings throws(StoreError) -> String in
            if settings.host.text == "b" { throw StoreError(.io, "a bad block") }
            return settings.host.text
        }
        #expect(outcomes.done == ["a", "c"])
        #expect(outcomes.failed.map(\.host.text) == ["b"])
        let error = await #expect(throws: StoreError.self) {
            try await scene.engine.each(scene.settings) { _ throws(StoreError) -> Int in
                throw StoreError(.corrupt, "no database")
            }
        }
        #expect(error?.code == .corrupt)
        let none = try await scene.engine.each([]) { _ throws(StoreError) -> Int in 1 }
        #expect(none.done.isEmpty && none.failed.isEmpty)
    }

    @Test func `two observations of one host at once disturb neither`() async throws {
        let scene = try RolloutScene()
        let settings = scene.settings[0]
        let engine = scene.engine
        for _ in 1...20 {
            let looks = await fanOut(over: [1, 2], limit: 2) { _ in
                await Result { () async throws(StoreError) in
                    try await engine.observe(settings, kind: .drift).observation.isComplete
                }
            }
            for look in looks { #expect(try look.get()) }
        }
    }
}
