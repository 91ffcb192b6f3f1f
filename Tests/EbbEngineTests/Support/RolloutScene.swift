import EbbClassifier
import EbbPlan
import EbbStore
import EbbTestSupport
import FoundationEssentials
import Synchronization

@testable import EbbEngine
@testable import EbbModel

extension EngineClock {
    /// The clock of a scripted fleet.
    init(_ clock: ScriptedClock) {
        self.init(now: { clock.now }, date: { clock.date }, sleep: { try await clock.sleep($0) })
    }
}

/// Tasks of controllers that are dead; they end with the scene.
private final class DeadControllers: Sendable {
    private let tasks = Mutex<[Task<RolloutRunner.Result, any Error>]>([])

    func stop(_ task: Task<RolloutRunner.Result, any Error>) { tasks.withLock { $0.append(task) } }

    deinit { tasks.withLock { for task in $0 { task.cancel() } } }
}

/// Rollouts over a scripted fleet, with a real database in memory.
///
/// The roots are made anew by `mkfs`; each host keeps `/persist` and boots within ten minutes.
struct RolloutScene {
    let fleet: ScriptedFleet
    let store: Store
    let settings: [HostSettings]
    private let controllers = DeadControllers()
    let controller = ControllerIdentity(
        hostname: "here", pid: 1, startedAt: Date(timeIntervalSince1970: 0), bootID: nil)

    init(_ names: [String] = ["a"], _ change: (inout HostSettings) -> Void = { _ in }) throws {
        fleet = try ScriptedFleet(names)
        store = try Store.inMemory()
        settings = fleet.hosts.map { host in
            var settings = HostSettings(
                host: host.name, connection: host.connection, root: RootSettings(strategy: .mkfs),
                persist: [PersistentStorage(mount: "/persist")],
                reboot: RebootSettings(failureBudget: 99, waves: [.rest]))
            change(&settings)
            return settings
        }
    }

    /// The only host, or the first one.
    var host: ScriptedHost { fleet.hosts[0] }

    var engine: Engine {
        Engine(
            transport: fleet, store: store, catalogue: .builtIn, clock: EngineClock(fleet.clock), toolVersion: "test")
    }

    var plan: RebootPlan { RebootPlanner(selected: settings, fleet: settings).plan() }

    /// Journals a rollout over all hosts.
    func begin() async throws -> RolloutID {
        try await store.beginRollout(
            pattern: "all", plan: "{}", planHash: "hash", controller: controller,
            hosts: settings.map { RolloutHost(host: $0.host, wave: 1) }, at: fleet.clock.date)
    }

    /// What carries out the rollout.
    func runner(
        _ rollout: RolloutID, fence: Int = 1,
        mayGo: @escaping @Sendable (HostSettings) async throws(StoreError) -> String? = { _ in nil }
    ) async throws -> RolloutRunner {
        var turns: [HostName: RolloutRunner.Turn] = [:]
        for attempt in try await store.attempts(of: rollout) {
            turns[attempt.host] = settings.first { $0.host == attempt.host }.map {
                RolloutRunner.Turn(settings: $0, attempt: attempt.id)
            }
        }
        return RolloutRunner(
            engine: engine, rollout: rollout, turns: turns,
            controller: PreflightGate.Controller(bootID: nil, machineID: nil), acceptsLoss: false, fence: fence,
            budgets: GroupBudgets(fleet: settings), lease: RolloutLease.text(try await store.rollout(rollout)),
            mayGo: mayGo, aborts: AsyncStream { _ in }, tell: { _ in })
    }

    /// Runs a rollout over all hosts from its beginning to its end.
    @discardableResult func run() async throws -> RolloutRunner.Result { try await runner(begin()).run(plan) }

    /// Takes the rollout over as another process does, and goes on with it.
    @discardableResult func resume(
        _ rollout: RolloutID, startingMore: Bool = true,
        mayGo: @escaping @Sendable (HostSettings) async throws(StoreError) -> String? = { _ in nil }
    ) async throws -> RolloutRunner.Result {
        let fence = try await store.takeOver(
            rollout, by: controller, expectedFence: store.rollout(rollout).fence, at: fleet.clock.date)
        let (ended, ongoing) = try await JournalReading(store: store, rollout: rollout).read()
        return try await runner(rollout, fence: fence, mayGo: mayGo).resume(
            plan, ended: ended, ongoing: ongoing, startingMore: startingMore)
    }

    /// Runs a rollout until an interruption stops its controller, for good.
    func runUntilStopped() async throws -> RolloutID {
        let rollout = try await begin()
        let runner = try await runner(rollout)
        let plan = plan
        let controller = Task { try await runner.run(plan) }
        await fleet.stopped()
        // What a dead process would have done next is refused: whoever takes over has the fence.
        controllers.stop(controller)
        return rollout
    }

    /// The states that the attempts at a host went through, one list an attempt.
    func states(of host: HostName? = nil) async throws -> [[AttemptState]] {
        var lists: [[AttemptState]] = []
        for attempt in try await attempts(of: host) {
            lists.append(try await store.events(of: attempt.id).map(\.state))
        }
        return lists
    }

    /// The attempts at a host, the oldest first.
    func attempts(of host: HostName? = nil) async throws -> [StoredAttempt] {
        try await store.attempts(of: host ?? self.host.name).reversed()
    }
}
