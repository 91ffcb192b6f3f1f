import EbbEngine
import EbbModel
import EbbPlan
import EbbReport
import EbbStore

/// One process running one rollout: signals in, lines of progress out.
struct RolloutSession: Sendable {
    private let fleet: Fleet
    private let rollout: RolloutID
    private let runner: RolloutRunner

    init(
        fleet: Fleet, rollout: RolloutID, acceptsLoss: Bool, fence: Int = 1, watch: RolloutWatch
    ) async throws {
        self.fleet = fleet
        self.rollout = rollout
        let attempts = try await fleet.store().attempts(of: rollout)
        // Several attempts at one host: the newest is the one that counts.
        var turns: [HostName: RolloutRunner.Turn] = [:]
        for attempt in attempts {
            guard let settings = fleet.all.first(where: { $0.host == attempt.host }) else {
                throw Failure(
                    .usage, "\(attempt.host) is in rollout \(rollout.value), not in the inventory")
            }
            turns[attempt.host] = RolloutRunner.Turn(settings: settings, attempt: attempt.id)
        }
        let preparation = try await RebootPreparation(fleet: fleet)
        runner = RolloutRunner(
            engine: try await fleet.engine(), rollout: rollout, turns: turns,
            controller: ControllerProcess.machine(), acceptsLoss: acceptsLoss, fence: fence,
            mayGo: { settings throws(StoreError) in
                try await preparation.reasonToWithhold(settings)
            },
            aborts: watch.aborts, tell: watch.tell)
    }

    /// Runs the plan from its beginning.
    func run(_ plan: RebootPlan) async throws { _ = try await runner.run(plan) }

    /// Goes on with it.
    func resume(
        _ plan: RebootPlan, ended: [HostName: AttemptReason], ongoing: [RolloutRunner.Ongoing]
    ) async throws {
        _ = try await runner.resume(plan, ended: ended, ongoing: ongoing)
    }
}
