import EbbModel
import FoundationEssentials

/// One path that would be lost, on how many hosts.
struct DriftByPath: Sendable {
    let path: BytePath
    let verdict: PathVerdict
    let stateClass: StateClass
    var hosts: [HostName]
    var bytes: Int64
    var firstSeen: Date
    let reason: String
    let suggestion: String?

    /// All paths of the fleet, those on the most hosts first.
    static func all(in snapshot: FleetSnapshot) -> [DriftByPath] {
        struct Key: Hashable {
            let path: BytePath
            let verdict: PathVerdict
        }
        var rows: [Key: DriftByPath] = [:]
        for host in snapshot.hosts {
            for path in host.facts.paths {
                let key = Key(path: path.path, verdict: path.verdict)
                var row =
                    rows[key]
                    ?? DriftByPath(
                        path: path.path, verdict: path.verdict, stateClass: path.stateClass,
                        hosts: [], bytes: 0, firstSeen: path.firstSeen, reason: path.reason,
                        suggestion: path.suggestion)
                row.hosts.append(host.name)
                row.bytes = row.bytes.addingClamped(max(0, path.size ?? 0))
                row.firstSeen = min(row.firstSeen, path.firstSeen)
                rows[key] = row
            }
        }
        return rows.values.sorted {
            ($1.hosts.count, $0.verdict == .leaked ? 0 : 1, $0.path)
                < ($0.hosts.count, $1.verdict == .leaked ? 0 : 1, $1.path)
        }
    }
}
