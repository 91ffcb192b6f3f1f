import EbbClassifier
import EbbEngine
import EbbModel
import EbbPlan
import EbbStore
import EbbTestSupport
import FoundationEssentials
import Synchronization
import Testing

extension EngineClock {
    /// The clock of a scripted fleet.
    init(_ clock: ScriptedClock) {
        self.init(
            now: { clock.now }, date: { clock.date }, sleep: { try await clock.sleep($0) })
    }
}

/// Rollouts over a scripted fleet, with a real database in memory.
///
/// The roots are made anew by `mkfs`; each host keeps `/persist` and boots within ten minutes.
struct RolloutScene {
    let fleet: ScriptedFleet
    let store: Store
    let settings: [HostSettings]
    let controller = ControllerIdentity(
        hostname: "here", pid: 1, startedAt: Date(timeIntervalSince1970: 0), bootID: nil)

    init(
        _ names: [String] = ["a"], _ change: (inout HostSettings) -> Void = { _ in }
    ) throws {
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
            transport: fleet, store: store, catalogue: .builtIn, clock: EngineClock(fleet.clock),
            toolVersion: "test")
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
            controller: PreflightGate.Controller(bootID: nil, machineID: nil), acceptsLoss: false,
            fence: fence, budgets: GroupBudgets(fleet: settings),
            lease: "rollout \(rollout.value) here", mayGo: mayGo, aborts: AsyncStream { _ in },
            tell: { _ in })
    }

    /// Runs a rollout over all hosts from its beginning to its end.
    @discardableResult
    func run() async throws -> RolloutRunner.Result {
        try await runner(begin()).run(plan)
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
