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
        ended: Set<HostName> = [], _ body: @Sendable (RolloutSession) async throws -> Void
    ) async throws {
        let members = Set(plan.hosts)
        let usual = try await RebootTimes.usual(
            fleet.all.filter { members.contains($0.host) }, in: store)
        let aborts = await Interrupts.stream(notes: notes)
        try await NoticePost.lend(fleet.settings, notes: notes) { post in
            let notices = RolloutNotices(
                rollout: rollout.value, plan: plan, ended: ended, patience: usual, post: post)
            let progress = RolloutProgress(notes: notes)
            let session = try await RolloutSession(
                fleet: fleet, rollout: rollout, acceptsLoss: acceptsLoss, fence: fence,
                watch: RolloutWatch(aborts: aborts) { event in
                    progress.tell(event)
                    notices.take(event)
                })
            notices.begin(resumed: fence > 1)
            try await body(session)
        }
    }
}
