import EbbModel
import EbbReport
import FoundationEssentials

/// One path that would be lost, on how many hosts.
struct DriftByPath: PathRow, Sendable {
    /// The path on the first of the hosts.
    private let first: ComplianceFacts.Path
    private(set) var hosts: [HostName] = []
    /// Added up over the hosts, as far as sizes are known.
    private(set) var bytes: Int64 = 0
    private(set) var firstSeen: Date

    var path: BytePath { first.path }
    var kind: FileKind { first.kind }
    var verdict: PathVerdict { first.verdict }
    var stateClass: StateClass { first.stateClass }
    var size: Int64? { bytes }
    var firstSeenAt: Date? { firstSeen }
    var reason: String { first.reason }
    var suggestion: String? { first.suggestion }

    private init(_ first: ComplianceFacts.Path) {
        self.first = first
        firstSeen = first.firstSeen
    }

    private mutating func add(_ path: ComplianceFacts.Path, on host: HostName) {
        hosts.append(host)
        bytes = bytes.addingClamped(max(0, path.size ?? 0))
        firstSeen = min(firstSeen, path.firstSeen)
    }

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
                rows[key, default: DriftByPath(path)].add(path, on: host.name)
            }
        }
        return rows.values.sorted {
            ($1.hosts.count, $0.verdict == .leaked ? 0 : 1, $0.path) < (
                $0.hosts.count, $1.verdict == .leaked ? 0 : 1, $1.path
            )
        }
    }
}
