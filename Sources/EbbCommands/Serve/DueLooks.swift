import EbbModel
import EbbStore
import FoundationEssentials

/// Which hosts want to be looked at again.
struct DueLooks: Sendable {
    let fleet: Fleet
    let store: Store

    /// A host that was not reached is asked again after this, in seconds, if not earlier.
    private static let retry = 900

    /// The hosts whose last look is as old as it may grow; none that a rollout holds.
    ///
    /// In the middle of a reboot a look would only say that the host is not there.
    func hosts(at now: Date) async throws(StoreError) -> [HostSettings] {
        var held: Set<HostName> = []
        for rollout in try await store.unfinishedRollouts() {
            held.formUnion(rollout.hosts.map(\.host))
        }
        var due: [HostSettings] = []
        for settings in fleet.all where !held.contains(settings.host) {
            let every = fleet.settings.lookEvery(settings)
            guard let last = try await store.latestCollection(of: settings.host) else {
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
