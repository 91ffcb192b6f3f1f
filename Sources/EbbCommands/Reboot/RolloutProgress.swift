import EbbEngine
import EbbModel
import EbbPlan
import EbbReport
import EbbStore
import Synchronization

/// Tells a person what happens in a rollout, one plain line per event.
final class RolloutProgress: Sendable {
    private let notes: Notes
    /// The last thing said about each waiting host, so that the same is not said again.
    private let last = Mutex<[HostName: String]>([:])

    init(notes: Notes) { self.notes = notes }

    func tell(_ event: RolloutEvent) {
        switch event {
        case .entered(let host, let state, let note):
            notes.note("\(host): \(Self.words(state))" + (note.isEmpty ? "" : " (\(note))"))
        case .waiting(let host, let elapsed, let reason):
            let isNew = last.withLock { last in
                defer { last[host] = reason }
                return last[host] != reason
            }
            if isNew { notes.note("\(host): waiting, \(TextDuration.text(elapsed)): \(reason)") }
        case .ended(let host, let end):
            if end.reason == .proven {
                notes.note("\(host): proven: \(end.message)")
            } else {
                notes.warning("\(host): \(end.reason.state.rawValue): \(end.reason.rawValue), " + end.message)
            }
        case .finished(let state): notes.note("rollout \(state.rawValue)")
        case .interrupted(let rollout):
            notes.note("rollout \(rollout.value) was interrupted; finding out how it stands")
        case .resumed(let rollout, let ended, let ongoing, let left, let startsMore):
            notes.note(
                "rollout \(rollout.value): \(ended) hosts had ended, \(ongoing) were in the middle, "
                    + "\(left) are left" + (startsMore ? "" : " and stay as they are"))
        case .began: return
        case .databaseBusy: notes.warning("another process holds the database; waiting for it")
        case .left(let host, let words): notes.warning("\(host): \(words)")
        case .abortRequested(let wish): notes.warning("aborted by \(wish.author): \(wish.reason)")
        case .judgedLate(let host, let rollout, let end):
            notes.note(
                "\(host): rollout \(rollout.value) did not learn how it ended; "
                    + (end.reason == .proven
                        ? "its boot is proven now, its slot is free" : "now: \(end.reason.rawValue), \(end.message)"))
        }
    }

    private static func words(_ state: AttemptState) -> String {
        switch state {
        case .planned: "planned"
        case .preflight: "asking what the boot would lose"
        case .canaries: "leaving canaries"
        case .intent: "handing the reboot over"
        case .sent: "reboot handed over; waiting for a new boot"
        case .booted: "a new boot answers; gathering the proof"
        case .proven, .failed, .inconclusive, .skipped: state.rawValue
        }
    }
}
