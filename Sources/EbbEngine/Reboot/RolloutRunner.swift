package import EbbModel
package import EbbPlan
package import EbbStore
import Synchronization

/// Performs a rollout: hands events to the `Rollout` machine and carries its actions out.
package struct RolloutRunner: Sendable {
    /// One host of the rollout, with the attempt that was journaled for it.
    package struct Turn: Sendable {
        package let settings: HostSettings
        package let attempt: AttemptID

        package init(settings: HostSettings, attempt: AttemptID) {
            self.settings = settings
            self.attempt = attempt
        }
    }

    /// How a rollout ended: the machine's state, and each host's end.
    package struct Result: Sendable {
        package let state: Rollout.State
        package let ends: [HostName: AttemptEnd]
    }

    package let engine: Engine
    package let rollout: RolloutID
    package let turns: [HostName: Turn]
    package let controller: PreflightGate.Controller
    package let acceptsLoss: Bool
    /// Grows with every controller that takes the rollout over.
    package let fence: Int
    /// What each group's limit leaves.
    package let budgets: GroupBudgets
    /// What this rollout calls itself on its hosts; the same for whoever takes it over.
    package let lease: String
    /// Asked before each host: why it must not go now, or `nil`.
    package let mayGo: @Sendable (HostSettings) async throws(StoreError) -> String?
    /// Each element asks the run to start nothing more.
    package let aborts: AsyncStream<Void>
    package let tell: @Sendable (RolloutEvent) -> Void
    private let places = Places()

    /// How far each host's attempt has come, by the journal.
    private final class Places: Sendable {
        private let states = Mutex<[HostName: AttemptState]>([:])

        subscript(_ host: HostName) -> AttemptState {
            get { states.withLock { $0[host] ?? .planned } }
            set { states.withLock { $0[host] = newValue } }
        }
    }

    package init(
        engine: Engine, rollout: RolloutID, turns: [HostName: Turn],
        controller: PreflightGate.Controller, acceptsLoss: Bool, fence: Int = 1,
        budgets: GroupBudgets, lease: String,
        mayGo: @escaping @Sendable (HostSettings) async throws(StoreError) -> String?,
        aborts: AsyncStream<Void>, tell: @escaping @Sendable (RolloutEvent) -> Void
    ) {
        self.engine = engine
        self.rollout = rollout
        self.turns = turns
        self.controller = controller
        self.acceptsLoss = acceptsLoss
        self.fence = fence
        self.budgets = budgets
        self.lease = lease
        self.mayGo = mayGo
        self.aborts = aborts
        self.tell = tell
    }

    /// Runs the plan from its beginning.
    package func run(_ plan: RebootPlan) async throws(StoreError) -> Result {
        var machine = Rollout(plan)
        let actions = machine.begin()
        return try await perform(actions, machine, ongoing: [])
    }

    /// A host that is in mid-attempt when a rollout is taken over, and where it is resumed.
    package struct Ongoing: Sendable {
        /// The step that the journal does not prove to be done.
        package enum Step: Sendable {
            case send, watch
            case prove(BootID)
        }

        package let host: HostName
        package let step: Step
        let start: AttemptRunner.Start

        package init(
            host: HostName, step: Step, boot: BootID, facts: HostFacts, canaries: [Canary]
        ) {
            self.host = host
            self.step = step
            start = AttemptRunner.Start(boot: boot, facts: facts, canaries: canaries)
        }
    }

    /// Goes on with a rollout that another process has begun.
    ///
    /// `ended` are the hosts whose attempts are over, `ongoing` those in the middle of one; the
    /// others have not had their turn, and get none unless more is started.
    package func resume(
        _ plan: RebootPlan, ended: [HostName: AttemptReason], ongoing: [Ongoing],
        startingMore: Bool = true
    ) async throws(StoreError) -> Result {
        var machine = Rollout(plan)
        for (host, reason) in ended { machine.resume(ended: host, reason) }
        for host in ongoing { machine.resume(active: host.host) }
        let actions = startingMore ? machine.begin() : machine.abort()
        return try await perform(actions, machine, ongoing: ongoing)
    }

    /// What a child task brings back.
    private enum Event: Sendable {
        case ended(HostName, Swift.Result<AttemptEnd, StoreError>)
        case abort
        /// The stream of aborts is over; nothing follows from it.
        case quiet
    }

    private func perform(
        _ first: [Rollout.Action], _ start: Rollout, ongoing: [Ongoing]
    ) async throws(StoreError) -> Result {
        var machine = start
        var ends: [HostName: AttemptEnd] = [:]
        var failure: StoreError?
        var final: Rollout.State?
        await withTaskGroup(of: Event.self) { group in
            group.addTask { await nextAbort() }
            for host in ongoing {
                group.addTask { .ended(host.host, await proceed(host)) }
            }
            var queue = first
            while true {
                for action in queue {
                    switch action {
                    case .start(let host):
                        group.addTask { .ended(host, await attempt(host)) }
                    case .skip(let host, let end):
                        ends[host] = end
                        if let error = await skip(host, end) { failure = failure ?? error }
                    case .finish(let state): final = state
                    }
                }
                queue = []
                if final != nil { break }
                // A full or broken database: nothing more is started, what runs is waited for.
                if failure != nil { queue += machine.abort() }
                guard queue.isEmpty else { continue }
                switch await group.next() {
                case .ended(let host, .success(let end)):
                    ends[host] = end
                    queue += machine.hostEnded(host, end.reason)
                case .ended(let host, .failure(let error)):
                    failure = failure ?? error
                    queue += machine.hostEnded(host, .evidenceIncomplete)
                case .abort: queue += machine.abort()
                case .quiet: continue
                case nil: final = .halted
                }
            }
            group.cancelAll()
        }
        if let failure {
            // Where no host waits to be judged, nothing is left to resume.
            let isOver = turns.keys.allSatisfy { !places[$0].mayHaveRebooted }
            if isOver, failure.code != .fenced {
                try? await engine.store.finishRollout(
                    rollout, state: .halted, at: engine.clock.date(),
                    reason: failure.description, fence: fence)
            }
            throw failure
        }
        let state = final ?? .halted
        try await engine.store.finishRollout(
            rollout, state: state.stored, at: engine.clock.date(), fence: fence)
        tell(.finished(state))
        return Result(state: state, ends: ends)
    }

    private func nextAbort() async -> Event {
        for await _ in aborts { return .abort }
        return .quiet
    }

    private func runner(_ turn: Turn) -> AttemptRunner {
        AttemptRunner(
            engine: engine, settings: turn.settings, attempt: turn.attempt,
            controller: controller, acceptsLoss: acceptsLoss, fence: fence, budgets: budgets,
            lease: lease, mayGo: mayGo,
            tell: { event in
                if case .entered(let host, let state, _) = event { places[host] = state }
                tell(event)
            })
    }

    private func attempt(_ host: HostName) async -> Swift.Result<AttemptEnd, StoreError> {
        await journaled(host) { runner throws(StoreError) in try await runner.run() }
    }

    private func proceed(_ ongoing: Ongoing) async -> Swift.Result<AttemptEnd, StoreError> {
        places[ongoing.host] =
            switch ongoing.step {
            case .send: .intent
            case .watch: .sent
            case .prove: .booted
            }
        return await journaled(ongoing.host) { runner throws(StoreError) in
            switch ongoing.step {
            case .send: try await runner.send(ongoing.start)
            case .watch: try await runner.watch(ongoing.start)
            case .prove(let boot): try await runner.prove(ongoing.start, booted: boot)
            }
        }
    }

    private func journaled(
        _ host: HostName,
        _ body: @Sendable (AttemptRunner) async throws(StoreError) -> AttemptEnd
    ) async -> Swift.Result<AttemptEnd, StoreError> {
        guard let turn = turns[host] else {
            return .failure(StoreError(.notFound, host: host, "no attempt was planned for it"))
        }
        let runner = runner(turn)
        do throws(StoreError) {
            return .success(try await body(runner))
        } catch {
            tell(.left(host, await leave(runner, after: error)))
            return .failure(error)
        }
    }

    /// Leaves a host whose attempt can no longer be journaled as well as that can be done: what was
    /// not told to reboot gets its services back, what may have been told is watched.
    ///
    /// - Returns: How the host is left, in one sentence.
    private func leave(_ runner: AttemptRunner, after error: StoreError) async -> String {
        guard error.code != .fenced else { return "another process has taken the rollout over" }
        switch places[runner.host] {
        case .planned: return "it was not touched"
        case .preflight, .canaries:
            await runner.releaseLease()
            let problem = await runner.commands(
                runner.settings.reboot.undrain, named: "undrain", else: .hookFailed)
            return "it was not told to reboot; its lease is given back"
                + (problem.map { ", but undraining it failed: \($0.message)" } ?? "")
        case .intent, .sent, .booted:
            guard let before = try? await engine.store.attempt(runner.attempt).bootIDBefore else {
                return "it may have been told to reboot"
            }
            let start = AttemptRunner.Start(
                boot: before, facts: HostFacts(bootID: before), canaries: [])
            switch await runner.newBoot(after: start) {
            case .booted(let boot):
                return "it was told to reboot and runs boot \(boot), which is not judged yet"
            case .end(let end): return "it may have been told to reboot; \(end.message)"
            }
        case .proven, .failed, .inconclusive, .skipped: return "its attempt had ended"
        }
    }

    private func skip(_ host: HostName, _ end: AttemptEnd) async -> StoreError? {
        guard let turn = turns[host] else { return nil }
        do throws(StoreError) {
            try await engine.store.advance(
                turn.attempt, to: .skipped, at: engine.clock.date(),
                AttemptChange(reason: end.reason.rawValue), detail: ["message": end.message],
                fence: fence)
            tell(.ended(host, end))
            return nil
        } catch {
            return error
        }
    }
}

extension Rollout.State {
    /// The state's word in the store.
    fileprivate var stored: RolloutState {
        switch self {
        case .running, .halted: .halted
        case .aborted: .aborted
        case .finished: .finished
        }
    }
}
