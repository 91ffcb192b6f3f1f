import EbbEngine
import EbbModel
import EbbStore
import FoundationEssentials

/// Which hosts want to be looked at again.
struct DueLooks: Sendable {
    let fleet: Fleet
    let store: Store
    /// The rollouts that this process runs.
    let held: HeldRollouts

    /// A host that was not reached is asked again after this, in seconds, if not earlier.
    private static let retry = 900

    /// The hosts whose last look is as old as it may grow; none that a rollout holds.
    ///
    /// In the middle of a reboot a look would only say that the host is not there. A rollout that
    /// nobody runs any more holds no host back: nobody knows how long it will stay so.
    func hosts(at now: Date) async throws(StoreError) -> [HostSettings] {
        var busy: Set<HostName> = []
        for rollout in try await store.unfinishedRollouts() where !held.isAbandoned(rollout) {
            busy.formUnion(rollout.hosts.map(\.host))
        }
        var due: [HostSettings] = []
        for settings in fleet.all where !busy.contains(settings.host) {
            let every = fleet.settings.lookEvery(settings)
            guard let last = try await store.latestObservation(of: settings.host) else {
                due.append(settings)
                continue
            }
            let wasReached = last.observation?.isReachable ?? false
            let limit = wasReached ? every : min(every, Self.retry)
            let age = now.timeIntervalSince(last.observedAt)
            // A look from the future tells of a clock that was wrong: look again.
            if age >= Double(limit) || age < -60 { due.append(settings) }
        }
        return due
    }
}
