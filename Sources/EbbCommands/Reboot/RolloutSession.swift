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
        fleet: Fleet, rollout: RolloutID, acceptsLoss: Bool, fence: Int = 1,
        watch: RolloutWatch, notes: Notes
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
            lease: Self.lease(try await fleet.store().rollout(rollout)),
            mayGo: { settings throws(StoreError) in
                try await preparation.reasonToWithhold(settings)
            },
            aborts: Self.aborts(
                of: rollout, in: preparation.store,
                signals: watch.aborts, notes: notes),
            tell: watch.tell)
    }

    /// What the rollout calls itself on its hosts: for a person who finds it there, and the same
    /// for every process that takes the rollout over.
    private static func lease(_ rollout: StoredRollout) -> String {
        "rollout \(rollout.id.value) of \(JSONText.instant(rollout.startedAt)), "
            + "by \(rollout.lease)"
    }

    /// Runs the plan from its beginning.
    func run(_ plan: RebootPlan) async throws { _ = try await runner.run(plan) }

    /// Goes on with it; where nothing more is started, only with hosts in the middle of an attempt.
    func resume(
        _ plan: RebootPlan, ended: [HostName: AttemptReason], ongoing: [RolloutRunner.Ongoing],
        startingMore: Bool = true
    ) async throws {
        _ = try await runner.resume(
            plan, ended: ended, ongoing: ongoing, startingMore: startingMore)
    }

    /// One element for each reason to start nothing more: a signal here, or a wish in the database.
    private static func aborts(
        of rollout: RolloutID, in store: Store, signals: AsyncStream<Void>, notes: Notes
    ) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        let listening = Task {
            for await _ in signals { continuation.yield() }
        }
        let asking = Task {
            while !Task.isCancelled {
                if let wish = try? await store.abortRequest(of: rollout) {
                    notes.warning("aborted by \(wish.author): \(wish.reason)")
                    continuation.yield()
                    return
                }
                try? await Task.sleep(for: .seconds(1))
            }
        }
        continuation.onTermination = { _ in
            listening.cancel()
            asking.cancel()
        }
        return stream
    }
}
