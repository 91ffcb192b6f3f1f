import EbbStore
import Synchronization

/// The rollouts that this process runs now.
///
/// One that the journal calls running, and that is not among them, was left behind by an error.
final class HeldRollouts: Sendable {
    private let held = Mutex<Set<RolloutID>>([])

    var rollouts: Set<RolloutID> { held.withLock(\.self) }

    func insert(_ rollout: RolloutID) { held.withLock { _ = $0.insert(rollout) } }

    func remove(_ rollout: RolloutID) { held.withLock { _ = $0.remove(rollout) } }
}
