import EbbEngine
import EbbModel
import EbbPlan
import EbbStore
import FoundationEssentials

/// What a new rollout does first: finds out what became of reboots that nobody saw to their end.
struct Reconciliation: Sendable {
    let fleet: Fleet
    let notes: Notes

    /// Brings interrupted rollouts over the selected hosts to their end, then asks hosts that
    /// stayed away whether their boot can be judged now.
    func run() async throws {
        let store = try await fleet.store()
        let selected = Set(fleet.selected.map(\.host))
        for rollout in try await store.unfinishedRollouts() {
            guard ControllerProcess.isRunning(rollout.controller) == false,
                rollout.hosts.contains(where: { selected.contains($0.host) }),
                knowsAll(rollout)
            else { continue }
            notes.note("rollout \(rollout.id.value) was interrupted; finding out how it stands")
            try await store.requestAbort(
                of: rollout.id, author: "ebb",
                reason: "its process had ended when the next rollout was started", at: Date())
            try await TakeOver(fleet: fleet, notes: notes).goOn(with: rollout, startingMore: false)
        }
        let engine = try await fleet.engine()
        for attempt in try await store.undecidedAttempts()
        where attempt.state == .inconclusive && selected.contains(attempt.host)
            && attempt.override == nil
        {
            guard let settings = fleet.all.first(where: { $0.host == attempt.host }),
                let end = try await engine.judgeLate(attempt, settings)
            else { continue }
            notes.note(
                "\(attempt.host): rollout \(attempt.rollout.value) did not learn how it ended; "
                    + (end.reason == .proven
                        ? "its boot is proven now, its slot is free"
                        : "now: \(end.reason.rawValue), \(end.message)"))
        }
    }

    /// A rollout over hosts that are not in this inventory is somebody else's to end.
    private func knowsAll(_ rollout: StoredRollout) -> Bool {
        let known = Set(fleet.all.map(\.host))
        return rollout.hosts.allSatisfy { known.contains($0.host) }
    }
}
