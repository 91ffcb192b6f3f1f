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

    /// Runs the plan from its beginning.
    package func run(_ plan: RebootPlan) async throws(StoreError) -> Result {
        var machine = Rollout(plan)
        let actions = machine.begin()
        return try await perform(actions, machine, ongoing: [])
    }

    /// A host that is in mid-attempt when a rollout is taken over, and where it is resumed.
    package struct Ongoing: Sendable {
        /// The step that the journal does not prove to be done.
        enum Step: Sendable {
            /// It was certainly not told to reboot: its attempt is closed.
            case close
            /// It may have been told: it is asked whether it was.
            case ask(AttemptStart)
            case watch(AttemptStart)
            case prove(AttemptStart, BootID)
        }

        let host: HostName
        let step: Step
    }

    /// Goes on with a rollout that another process has begun.
    ///
    /// `ended` are the hosts whose attempts are over, `ongoing` those in the middle of one; the
    /// others have not had their turn, and get none unless more is started. No reboot is handed
    /// over that the other process may have decided: a host that was not told has its turn anew,
    /// with all questions asked again.
    package func resume(
        _ plan: RebootPlan, ended: [HostName: AttemptReason], ongoing: [Ongoing], startingMore: Bool = true
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
        /// The host was not told to reboot, and its attempt is closed.
        case notTold(HostName)
        case abort
        /// The stream of aborts is over; nothing follows from it.
        case quiet
    }

    private func perform(_ first: [Rollout.Action], _ start: Rollout, ongoing: [Ongoing]) async throws(StoreError)
        -> Result
    {
        var machine = start
        var turns = turns
        var ends: [HostName: AttemptEnd] = [:]
        var failure: StoreError?
        var final: Rollout.State?
        await withTaskGroup(of: Event.self) { group in
            group.addTask { await nextAbort() }
            for host in ongoing {
                let turn = turns[host.host]
                group.addTask { await proceed(host, turn) }
            }
            var queue = first
            while true {
                for action in queue {
                    switch action {
                    case .start(let host):
                        let turn = turns[host]
                        group.addTask { .ended(host, await attempt(host, turn)) }
                    case .skip(let host, let end):
                        ends[host] = end
                        if let error = await skip(host, turns[host], end) { failure = failure ?? error }
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
                case .notTold(let host):
                    // An abort that came meanwhile leaves it closed.
                    guard machine.state == .running else {
                        queue += machine.hostEnded(host, .aborted)
                        continue
                    }
                    do throws(StoreError) {
                        turns[host] = try await newTurn(host, turns[host])
                        queue += machine.hostNotTold(host)
                    } catch {
                        failure = failure ?? error
                        queue += machine.hostEnded(host, .aborted)
                    }
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
                    rollout, state: .halted, at: engine.clock.date(), reason: failure.description, fence: fence)
            }
            throw failure
        }
        let state = final ?? .halted
        try await engine.store.finishRollout(rollout, state: state.stored, at: engine.clock.date(), fence: fence)
        tell(.finished(state))
        return Result(state: state, ends: ends)
    }

    private func nextAbort() async -> Event {
        for await _ in aborts { return .abort }
        return .quiet
    }

    private func runner(_ turn: Turn) -> AttemptRunner {
        AttemptRunner(
            engine: engine, settings: turn.settings, attempt: turn.attempt, controller: controller,
            acceptsLoss: acceptsLoss, fence: fence, budgets: budgets,
            lease: RolloutLease.text(lease, for: turn.settings.host), mayGo: mayGo,
            tell: { event in
                if case .entered(let host, let state, _) = event { places[host] = state }
                tell(event)
            })
    }

    private func attempt(_ host: HostName, _ turn: Turn?) async -> Swift.Result<AttemptEnd, StoreError> {
        let runner: AttemptRunner
        do throws(StoreError) { runner = self.runner(try planned(host, turn)) } catch { return .failure(error) }
        do throws(StoreError) { return .success(try await runner.run()) } catch {
            tell(.left(host, await leave(runner, after: error)))
            return .failure(error)
        }
    }

    private func proceed(_ ongoing: Ongoing, _ turn: Turn?) async -> Event {
        let runner: AttemptRunner
        do throws(StoreError) { runner = self.runner(try planned(ongoing.host, turn)) } catch {
            return .ended(ongoing.host, .failure(error))
        }
        places[ongoing.host] =
            switch ongoing.step {
            case .close: .canaries
            case .ask: .intent
            case .watch: .sent
            case .prove: .booted
            }
        do throws(StoreError) {
            let end: AttemptEnd?
            switch ongoing.step {
            case .close:
                _ = try await runner.abandon()
                end = nil
            case .ask(let start): end = try await runner.ask(start)
            case .watch(let start): end = try await runner.watch(start)
            case .prove(let start, let boot): end = try await runner.prove(start, booted: boot)
            }
            return end.map { .ended(ongoing.host, .success($0)) } ?? .notTold(ongoing.host)
        } catch {
            tell(.left(ongoing.host, await leave(runner, after: error)))
            return .ended(ongoing.host, .failure(error))
        }
    }

    private func planned(_ host: HostName, _ turn: Turn?) throws(StoreError) -> Turn {
        guard let turn else { throw StoreError(.notFound, host: host, "no attempt was planned for it") }
        return turn
    }

    /// Plans one more attempt at a host.
    private func newTurn(_ host: HostName, _ turn: Turn?) async throws(StoreError) -> Turn {
        let settings = try planned(host, turn).settings
        let attempt = try await engine.store.beginAttempt(
            rollout: rollout, host: host, at: engine.clock.date(), fence: fence)
        return Turn(settings: settings, attempt: attempt)
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
            let problem = await runner.commands(runner.settings.reboot.undrain, named: "undrain", else: .hookFailed)
            return "it was not told to reboot; its lease is given back"
                + (problem.map { ", but undraining it failed: \($0.message)" } ?? "")
        case .intent, .sent, .booted:
            guard let before = try? await engine.store.attempt(runner.attempt).bootIDBefore else {
                return "it may have been told to reboot"
            }
            switch await engine.awaitBoot(runner.settings, after: before) {
            case .booted(let boot): return "it was told to reboot and runs boot \(boot), which is not judged yet"
            case .end(let end): return "it may have been told to reboot; \(end.message)"
            }
        case .proven, .failed, .inconclusive, .skipped: return "its attempt had ended"
        }
    }

    private func skip(_ host: HostName, _ turn: Turn?, _ end: AttemptEnd) async -> StoreError? {
        guard let turn else { return nil }
        do throws(StoreError) {
            try await engine.store.advance(
                turn.attempt, to: .skipped, at: engine.clock.date(), AttemptChange(reason: end.reason.rawValue),
                detail: ["message": end.message], fence: fence)
            tell(.ended(host, end))
            return nil
        } catch { return error }
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
