import EbbEngine
import EbbModel
import EbbPlan
import EbbReport
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
                notes.warning(
                    "\(host): \(end.reason.state.rawValue): \(end.reason.rawValue), "
                        + end.message)
            }
        case .finished(let state): notes.note("rollout \(state.rawValue)")
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
