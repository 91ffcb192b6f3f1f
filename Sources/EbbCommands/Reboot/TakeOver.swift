import EbbModel
import EbbPlan
import EbbStore
import FoundationEssentials

/// Takes a rollout over whose process has ended, and goes on with it.
struct TakeOver: Sendable {
    let fleet: Fleet
    let notes: Notes

    /// Goes on from the journal; where nothing more is started, only to learn what became of hosts.
    func goOn(
        with stored: StoredRollout, acceptsLoss: Bool = false, startingMore: Bool = true
    ) async throws {
        let store = try await fleet.store()
        let fence = try await store.takeOver(
            stored.id, by: ControllerProcess.current(), expectedFence: stored.fence, at: Date())
        let plan = try JSONDecoder().decode(RebootPlan.self, from: Data(stored.plan.utf8))
        let journal = JournalReading(store: store, rollout: stored.id, fence: fence)
        let (ended, ongoing) = try await journal.read()
        let left = plan.hosts.count - ended.count - ongoing.count
        notes.note(
            "rollout \(stored.id.value): \(ended.count) hosts had ended, \(ongoing.count) were in "
                + "the middle, \(left) are left" + (startingMore ? "" : " and stay as they are"))
        try await RolloutConduct(fleet: fleet, store: store, notes: notes).conduct(
            stored.id, plan, acceptsLoss: acceptsLoss, fence: fence, ended: ended
        ) {
            try await $0.resume(plan, ended: ended, ongoing: ongoing, startingMore: startingMore)
        }
    }
}
