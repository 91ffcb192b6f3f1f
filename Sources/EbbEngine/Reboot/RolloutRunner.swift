package import EbbModel
package import EbbPlan
package import EbbStore

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

    package let engine: Engine
    package let rollout: RolloutID
    package let turns: [HostName: Turn]
    package let controller: PreflightGate.Controller
    package let acceptsLoss: Bool
    /// Grows with every controller that takes the rollout over.
    package let fence: Int
    package let tell: @Sendable (RolloutEvent) -> Void

    package init(
        engine: Engine, rollout: RolloutID, turns: [HostName: Turn],
        controller: PreflightGate.Controller, acceptsLoss: Bool, fence: Int = 1,
        tell: @escaping @Sendable (RolloutEvent) -> Void
    ) {
        self.engine = engine
        self.rollout = rollout
        self.turns = turns
        self.controller = controller
        self.acceptsLoss = acceptsLoss
        self.fence = fence
        self.tell = tell
    }

    /// How a rollout ended: the machine's state, and each host's end.
    package struct Result: Sendable {
        package let state: Rollout.State
        package let ends: [HostName: AttemptEnd]
    }

    /// Runs the plan from its beginning.
    package func run(_ plan: RebootPlan) async throws(StoreError) -> Result {
        var machine = Rollout(plan)
        return try await perform(machine.begin(), with: machine)
    }

    /// What a child task brings back: its host's end, or why it could not be journaled.
    private typealias Ended = (HostName, Swift.Result<AttemptEnd, StoreError>)

    private func perform(
        _ first: [Rollout.Action], with start: Rollout
    ) async throws(StoreError) -> Result {
        var machine = start
        var ends: [HostName: AttemptEnd] = [:]
        var failure: StoreError?
        var final: Rollout.State?
        await withTaskGroup(of: Ended.self) { group in
            var queue = first
            while true {
                for action in queue {
                    switch action {
                    case .start(let host):
                        guard let turn = turns[host] else { continue }
                        group.addTask { (host, await attempt(turn)) }
                    case .skip(let host, let end):
                        ends[host] = end
                        if let error = await skip(host, end) { failure = failure ?? error }
                    case .finish(let state): final = state
                    }
                }
                queue = []
                // A full or broken database: nothing more is started, what runs is waited for.
                if failure != nil { queue += machine.abort() }
                guard final == nil, let (host, result) = await group.next() else { break }
                switch result {
                case .success(let end):
                    ends[host] = end
                    queue += machine.hostEnded(host, end.reason)
                case .failure(let error):
                    failure = failure ?? error
                    queue += machine.hostEnded(host, .evidenceIncomplete)
                }
            }
        }
        if let failure { throw failure }
        let state = final ?? .halted
        try await engine.store.finishRollout(
            rollout, state: state.stored, at: engine.clock.date(), fence: fence)
        tell(.finished(state))
        return Result(state: state, ends: ends)
    }

    private func attempt(_ turn: Turn) async -> Swift.Result<AttemptEnd, StoreError> {
        let runner = AttemptRunner(
            engine: engine, settings: turn.settings, attempt: turn.attempt,
            controller: controller, acceptsLoss: acceptsLoss, fence: fence, tell: tell)
        do throws(StoreError) {
            return .success(try await runner.run())
        } catch {
            return .failure(error)
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
