import EbbModel
import EbbPlan
import EbbStore

/// Runs a rollout for a person who watches: signals in, progress and notices out.
struct RolloutConduct: Sendable {
    let fleet: Fleet
    let store: Store
    let notes: Notes

    func conduct(
        _ rollout: RolloutID, _ plan: RebootPlan, acceptsLoss: Bool, fence: Int = 1,
        ended: [HostName: AttemptReason] = [:],
        _ body: @Sendable (RolloutSession) async throws -> Void
    ) async throws {
        let members = Set(plan.hosts)
        let usual = try await RebootTimes.usual(
            fleet.all.filter { members.contains($0.host) }, in: store)
        let aborts = await Interrupts.stream(notes: notes)
        try await NoticePost.lend(fleet.settings, notes: notes) { post in
            let notices = RolloutNotices(
                rollout: rollout.value, plan: plan, ended: Set(ended.keys), patience: usual,
                post: post)
            let board = RolloutBoard(
                rollout: rollout.value, plan: plan, usual: usual, ended: ended)
            let screen =
                RolloutScreen.isPossible(notes)
                ? RolloutScreen(board, color: notes.isColored) : nil
            let progress = RolloutProgress(notes: notes)
            let session = try await RolloutSession(
                fleet: fleet, rollout: rollout, acceptsLoss: acceptsLoss, fence: fence,
                watch: RolloutWatch(aborts: aborts) { event in
                    if let screen { screen.take(event) } else { progress.tell(event) }
                    notices.take(event)
                }, notes: notes)
            notices.begin(resumed: fence > 1)
            try await withThrowingTaskGroup(of: Void.self) { group in
                if let screen { group.addTask { await screen.keepDrawing() } }
                defer {
                    group.cancelAll()
                    screen?.finish()
                }
                try await body(session)
            }
        }
    }
}
