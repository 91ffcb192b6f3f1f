import EbbModel
import EbbStore

/// What is stored of one host beyond the snapshot.
struct HostRecord: Sendable {
    /// The newest observations, newest first.
    let observations: [StoredObservation]
    /// The newest boots, newest first.
    let boots: [StoredBoot]
    let attempts: [StoredAttempt]
    /// What would be lost, leaked first.
    let drift: [StoredDriftEntry]

    /// Paths shown on a page; the rest is counted.
    static let maxPaths = 200

    init(of host: HostName, in store: Store) async throws {
        observations = try await store.history(of: host, limit: 60)
        boots = try await store.boots(of: host, limit: 20)
        attempts = try await store.attempts(of: host, limit: 10)
        drift = try await store.openDrift(of: host, verdicts: [.leaked, .unexplained]).sorted {
            ($0.entry.verdict == .leaked ? 0 : 1, $0.firstSeen, $0.entry.change.path) < (
                $1.entry.verdict == .leaked ? 0 : 1, $1.firstSeen, $1.entry.change.path
            )
        }
    }
}
