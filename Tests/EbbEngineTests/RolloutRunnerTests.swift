import EbbClassifier
import EbbPlan
import EbbStore
import EbbTestSupport
import EbbTransport
import FoundationEssentials
import Synchronization
import Testing

@testable import EbbEngine
@testable import EbbModel

/// Rollouts that must not touch anybody, with a real database.
@Suite struct RolloutRunnerTests {
    private struct Run {
        let store: Store
        let rollout: RolloutID
        let result: RolloutRunner.Result
    }

    /// Runs a rollout over hosts of which none can be reached.
    private func run(_ names: [String], budget: Int = 99, oftenAway: Bool = false) async throws -> Run {
        let store = try Store.inMemory()
        let hosts = try names.map(HostName.init)
        let fleet = hosts.map { host in
            HostSettings(
                host: host, connection: ConnectionSettings(host: host, address: "192.0.2.1"),
                root: RootSettings(strategy: .zfs), persist: [PersistentStorage(mount: "/persist")],
                reboot: RebootSettings(
                    maxUnavailable: .rest, failureBudget: budget, waves: [.hosts(1), .rest], isOftenAway: oftenAway))
        }
        let plan = RebootPlanner(selected: fleet, fleet: fleet).plan()
        let controller = ControllerIdentity(
            hostname: "here", pid: 1, startedAt: Date(timeIntervalSince1970: 0), bootID: nil)
        let rollout = try await store.beginRollout(
            pattern: "all", plan: "{}", planHash: "hash", controller: controller,
            hosts: hosts.map { RolloutHost(host: $0, wave: 1) }, at: Date())
        let attempts = try await store.attempts(of: rollout)
        var turns: [HostName: RolloutRunner.Turn] = [:]
        for (settings, attempt) in zip(fleet, attempts) {
            turns[settings.host] = RolloutRunner.Turn(settings: settings, attempt: attempt.id)
        }
        let refused = Dictionary(
            uniqueKeysWithValues: hosts.map { host in
                (host, TransportError(.connectRefused, phase: .connect, host: host, "Nobody listens there."))
            })

        let runner = RolloutRunner(
            engine: Engine(
                transport: LocalShell(failing: refused), store: store, catalogue: .builtIn, toolVersion: "test"),
            rollout: rollout, turns: turns, controller: PreflightGate.Controller(bootID: nil, machineID: nil),
            acceptsLoss: false, fence: 1, budgets: GroupBudgets(fleet: fleet), lease: "here test", mayGo: { _ in nil },
            aborts: AsyncStream { _ in }, tell: { _ in })
        return Run(store: store, rollout: rollout, result: try await runner.run(plan))
    }

    @Test func `hosts that cannot be asked are left alone, and all of them are in the report`() async throws {
        let run = try await run(["a", "b", "c"])
        #expect(run.result.state == .finished)
        #expect(run.result.ends.values.map(\.reason) == [.unreachable, .unreachable, .unreachable])
        for attempt in try await run.store.attempts(of: run.rollout) {
            let states = try await run.store.events(of: attempt.id).map(\.state)
            #expect(states == [.planned, .preflight, .skipped])
            #expect(attempt.bootIDBefore == nil && attempt.sentAt == nil)
        }
        #expect(try await run.store.verifyChain().isIntact)
    }

    @Test func `a spent budget starts nobody else, and says so of each`() async throws {
        let run = try await run(["a", "b", "c", "d"], budget: 1)
        #expect(run.result.state == .halted)
        let reasons = try ["a", "b", "c", "d"].map { run.result.ends[try HostName($0)]?.reason }
        #expect(reasons == [.unreachable, .budgetSpent, .budgetSpent, .budgetSpent])
        let last = try await run.store.attempts(of: run.rollout)[3]
        #expect(try await run.store.events(of: last.id).map(\.state) == [.planned, .skipped])
    }

    @Test func `hosts that are often away are away, which spends no budget`() async throws {
        let run = try await run(["a", "b"], budget: 1, oftenAway: true)
        #expect(run.result.state == .finished)
        #expect(run.result.ends.values.map(\.reason) == [.away, .away])
    }

    @Test func `a host without an attempt in the journal is not touched`() async throws {
        let store = try Store.inMemory()
        let host = try HostName("a")
        let settings = HostSettings(
            host: host, connection: ConnectionSettings(host: host, address: "192.0.2.1"),
            root: RootSettings(strategy: .zfs), persist: [PersistentStorage(mount: "/persist")])
        let rollout = try await store.beginRollout(
            pattern: "a", plan: "{}", planHash: "hash",
            controller: ControllerIdentity(
                hostname: "here", pid: 1, startedAt: Date(timeIntervalSince1970: 0), bootID: nil),
            hosts: [RolloutHost(host: host, wave: 1)], at: Date())
        let asked = Mutex(0)
        let runner = RolloutRunner(
            engine: Engine(
                transport: LocalShell { bytes in
                    asked.withLock { $0 += 1 }
                    return bytes
                }, store: store, catalogue: .builtIn, toolVersion: "test"), rollout: rollout, turns: [:],
            controller: PreflightGate.Controller(bootID: nil, machineID: nil), acceptsLoss: false, fence: 1,
            budgets: GroupBudgets(fleet: [settings]), lease: "here test", mayGo: { _ in nil },
            aborts: AsyncStream { _ in }, tell: { _ in })
        let plan = RebootPlanner(selected: [settings], fleet: [settings]).plan()
        await #expect(throws: StoreError.self) { try await runner.run(plan) }
        #expect(asked.withLock { $0 } == 0)
    }
}
