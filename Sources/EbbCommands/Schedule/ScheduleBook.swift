import EbbEngine
import EbbModel
import EbbPlan
import EbbStore
import FoundationEssentials

/// Every schedule of the inventory with where it stands, as the database has it.
struct ScheduleBook: Sendable {
    /// A schedule and its review.
    struct Page: Sendable {
        let schedule: Schedule
        let review: ScheduleReview
        /// Everything that is recorded of it, the oldest first.
        let slots: [ScheduleSlot]
    }

    let pages: [Page]
    /// Rollouts that nobody has ended and whose process is gone.
    let left: [StoredRollout]

    /// How far back records are read, in seconds.
    private static let memory: Double = 100 * 86_400

    /// Reads it; `held` are the rollouts that this process itself runs now.
    ///
    /// With `writes` the time at which a schedule was first seen is written down: what passed before
    /// was not missed.
    static func read(
        _ fleet: [HostSettings], _ store: Store, at now: Date, held: Set<RolloutID>,
        writes: Bool
    ) async throws -> ScheduleBook {
        let schedules = try Schedule.schedules(of: fleet.filter(\.reboot.isScheduled))
        let slots = try await store.slots(since: now.addingTimeInterval(-memory))
        let own = ControllerProcess.current()
        var live: Set<Int64> = []
        var dead: [StoredRollout] = []
        for rollout in try await store.unfinishedRollouts() {
            let isMine =
                rollout.controller.pid == own.pid
                && ControllerProcess.isRunning(rollout.controller) == true
            // What this process no longer runs, though it started it, nobody runs.
            let isDead =
                isMine
                ? !held.contains(rollout.id)
                : ControllerProcess.isRunning(rollout.controller) == false
            if isDead { dead.append(rollout) } else { live.insert(rollout.id.value) }
        }
        var pages: [Page] = []
        for schedule in schedules {
            let known =
                writes ? try await store.firstSight(of: schedule.name, at: now) : now
            let recorded = slots.filter { $0.schedule == schedule.name }
            let history = Schedule.History(
                knownSince: known, slots: recorded, liveRuns: live,
                deadRuns: Set(dead.map(\.id.value)))
            pages.append(
                Page(
                    schedule: schedule, review: schedule.review(at: now, history),
                    slots: recorded))
        }
        return ScheduleBook(pages: pages, left: dead)
    }
}
