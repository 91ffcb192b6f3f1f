package import EbbStore
import Synchronization

/// The rollouts that this process runs now.
///
/// One that the journal calls running, and that is not among them, was left behind by an error.
package final class HeldRollouts: Sendable {
    private let held = Mutex<Set<RolloutID>>([])

    package init() {}

    /// The rollouts that this process runs now.
    package var rollouts: Set<RolloutID> { held.withLock(\.self) }

    func insert(_ rollout: RolloutID) { held.withLock { _ = $0.insert(rollout) } }

    func remove(_ rollout: RolloutID) { held.withLock { _ = $0.remove(rollout) } }

    /// Whether nobody runs a rollout that nobody has ended: its process is gone, or is this one and
    /// an error took it away from the rollout.
    package func isAbandoned(_ rollout: StoredRollout) -> Bool {
        guard rollout.state == .running else { return false }
        switch ControllerProcess.isRunning(rollout.controller) {
        case false?: return true
        case nil: return false
        case true?: return rollout.controller.pid == ControllerProcess.current().pid && !rollouts.contains(rollout.id)
        }
    }
}
