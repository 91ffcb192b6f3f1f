package import EbbModel
package import EbbPlan
package import EbbStore
package import FoundationEssentials

/// Every schedule of the inventory with where it stands, as the database has it.
package struct ScheduleBook: Sendable {
    /// A schedule and its review.
    package struct Page: Sendable {
        package let schedule: Schedule
        package let review: ScheduleReview
        /// Everything that is recorded of it, the oldest first.
        package let slots: [ScheduleSlot]
    }

    package let pages: [Page]
    /// Rollouts that nobody has ended and whose process is gone.
    let left: [StoredRollout]

    /// How far back records are read, in seconds.
    private static let memory: Double = 100 * 86_400

    /// Reads it; `held` are the rollouts that this process itself runs now.
    ///
    /// With `writes` the time at which a schedule was first seen is written down: what passed before
    /// was not missed.
    package static func read(
        _ fleet: [HostSettings], _ store: Store, at now: Date, held: HeldRollouts = HeldRollouts(), writes: Bool = false
    ) async throws -> ScheduleBook {
        let schedules = try Schedule.schedules(of: fleet.filter(\.reboot.isScheduled))
        let slots = try await store.slots(since: now.addingTimeInterval(-memory))
        let unfinished = try await store.unfinishedRollouts()
        let dead = unfinished.filter(held.isAbandoned)
        let deadRuns = Set(dead.map(\.id.value))
        let liveRuns = Set(unfinished.map(\.id.value)).subtracting(deadRuns)
        var pages: [Page] = []
        for schedule in schedules {
            let recorded = slots.filter { $0.schedule == schedule.name }
            let history = Schedule.History(
                knownSince: writes ? try await store.firstSight(of: schedule.name, at: now) : now, slots: recorded,
                liveRuns: liveRuns, deadRuns: deadRuns)
            pages.append(Page(schedule: schedule, review: schedule.review(at: now, history), slots: recorded))
        }
        return ScheduleBook(pages: pages, left: dead)
    }
}
