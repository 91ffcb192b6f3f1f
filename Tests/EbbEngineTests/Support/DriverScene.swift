import EbbClassifier
import EbbModel
import EbbPlan
import EbbStore
import EbbTestSupport
import EbbTransport
import FoundationEssentials
import Synchronization

@testable import EbbEngine

/// What a driver told, in order.
final class Told: Sendable {
    private let events = Mutex<[RolloutEvent]>([])

    func take(_ event: RolloutEvent) { events.withLock { $0.append(event) } }

    var all: [RolloutEvent] { events.withLock(\.self) }

    /// One word for each event that is about a rollout or a host's end.
    var words: [String] {
        all.compactMap { event in
            switch event {
            case .interrupted(let id): "interrupted \(id.value)"
            case .resumed(let id, let ended, let ongoing, let left, _):
                "resumed \(id.value): \(ended) \(ongoing) \(left)"
            case .began(let start): "began \(start.rollout.value)"
            case .databaseBusy: "busy"
            case .left(let host, let words): "left \(host): \(words)"
            case .abortRequested(let wish): "aborted by \(wish.author)"
            case .ended(let host, let end): "\(host) \(end.reason.rawValue)"
            case .finished(let state): state.rawValue
            case .judgedLate(let host, _, let end): "late \(host) \(end.reason.rawValue)"
            case .entered, .waiting: nil
            }
        }
    }
}

extension RolloutScene {
    /// A driver over this scene, with what it tells.
    func driver(
        knowing known: [HostSettings]? = nil, aborts: AbortSwitch = AbortSwitch(), held: HeldRollouts = HeldRollouts(),
        through transport: (any Transport)? = nil, store other: Store? = nil,
        _ watch: @escaping @Sendable (RolloutEvent) -> Void = { _ in }
    ) -> (driver: RolloutDriver, told: Told) {
        let told = Told()
        let engine = Engine(
            transport: transport ?? fleet, store: other ?? store, catalogue: .builtIn, clock: EngineClock(fleet.clock),
            toolVersion: "test")
        let driver = RolloutDriver(
            engine: engine, fleet: known ?? settings, aborts: aborts, held: held,
            tell: { event in
                told.take(event)
                watch(event)
            })
        return (driver, told)
    }

    /// A process of this machine that has ended.
    static var deadController: ControllerIdentity {
        let own = ControllerProcess.current()
        return ControllerIdentity(hostname: own.hostname, pid: .max, startedAt: own.startedAt, bootID: own.bootID)
    }

    /// Journals a rollout that a process began which has ended since, with every attempt brought to
    /// this state.
    func abandoned(in state: AttemptState = .planned) async throws -> StoredRollout {
        let plan = plan
        let id = try await store.beginRollout(
            pattern: "all", plan: try plan.text(), planHash: try plan.hash(), controller: Self.deadController,
            hosts: plan.members, at: fleet.clock.date)
        for attempt in try await store.attempts(of: id) {
            guard let host = fleet.host(attempt.host) else { continue }
            try await bring(attempt.id, of: host, to: state)
        }
        return try await store.rollout(id)
    }

    /// Walks an attempt through the journal, as a process does that dies in this state.
    private func bring(_ attempt: AttemptID, of host: ScriptedHost, to state: AttemptState) async throws {
        let path: [AttemptState] = [.preflight, .canaries, .intent, .sent, .booted]
        guard let last = path.firstIndex(of: state) else { return }
        let boot = host.machine.boot
        for step in path[...last] {
            switch step {
            case .preflight:
                guard let settings = settings.first(where: { $0.host == host.name }) else { return }
                _ = try await engine.observe(settings, kind: .preflight)
                try await store.advance(attempt, to: .preflight, at: fleet.clock.date)
            case .canaries:
                try await store.advance(attempt, to: .canaries, at: fleet.clock.date)
                let canaries = [("/", Canary.Kind.negative), ("/persist", .positive)].map {
                    Canary(kind: $0.1, mount: $0.0, token: String(repeating: "a", count: 32))
                }
                try await store.recordCanaries(
                    host: host.name, boot: boot, attempt: attempt, canaries, at: fleet.clock.date)
                for canary in canaries { host.machine.files[canary.path] = canary.token }
            case .intent:
                try await store.advance(
                    attempt, to: .intent, at: fleet.clock.date,
                    AttemptChange(bootIDBefore: boot, deadline: fleet.clock.date.addingTimeInterval(600)))
            case .booted:
                try await store.advance(
                    attempt, to: .booted, at: fleet.clock.date, AttemptChange(bootIDAfter: host.machine.boot(1)))
            default: try await store.advance(attempt, to: step, at: fleet.clock.date)
            }
        }
    }

    /// Whether another rollout could have the host.
    func isFree(_ host: HostName) async throws -> Bool {
        try await store.attempts(of: host).allSatisfy { !$0.holdsHost }
    }
}

extension Notes {
    /// Tells nobody.
    static let silent = Notes { _, _ in }
}
