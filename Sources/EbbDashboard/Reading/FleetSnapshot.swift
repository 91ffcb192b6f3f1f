import EbbCompliance
import EbbModel
import EbbPlan
import EbbReport
import EbbStore
import FoundationEssentials

/// What is known of the whole fleet at one moment; every page of the fleet is made from one.
struct FleetSnapshot: Sendable {
    /// One host of the inventory, or one that the store remembers.
    struct Host: Sendable {
        let name: HostName
        /// `nil`: the inventory no longer has the host.
        let settings: HostSettings?
        let compliance: HostCompliance
        /// The window that is open or opens next; `nil`: none is declared.
        let opening: Opening?

        /// What the judgement rests on.
        var facts: ComplianceFacts { compliance.facts }
    }

    let readAt: Date
    /// By name.
    let hosts: [Host]
    /// Attempts that wait for evidence or for a person.
    let undecided: [StoredAttempt]
    /// The newest rollouts, the newest first.
    let rollouts: [StoredRollout]
    /// Stop flags in force.
    let flags: [StoredStopFlag]
    /// Windows of the last week that passed without anybody starting what was due in them.
    let missed: [ScheduleSlot]
    /// All hosts added up.
    let tally: FleetTally

    /// One host by its name.
    func host(_ name: HostName) -> Host? {
        var range = hosts.indices
        while let first = range.first, let last = range.last {
            let middle = first + (last - first) / 2
            if hosts[middle].name == name { return hosts[middle] }
            range = hosts[middle].name < name ? middle + 1..<range.upperBound : first..<middle
        }
        return nil
    }

    /// How many hosts have each verdict; those that no host has are left out.
    var verdicts: [(verdict: ComplianceVerdict, count: Int)] {
        ComplianceVerdict.allCases.compactMap { verdict in tally.verdicts[verdict].map { (verdict, $0) } }
    }
}

/// What pages say of all hosts together, added up once when the fleet is read.
struct FleetTally: Sendable {
    /// One control over the hosts for which something holds.
    struct Group: Sendable {
        var hosts: [HostName] = []
        /// What the first of them says.
        var example = ""
    }

    private(set) var verdicts: [ComplianceVerdict: Int] = [:]
    private(set) var controls: [Control: [ComplianceVerdict: Int]] = [:]
    /// Hosts on which a control fails.
    private(set) var disproved: [Control: Group] = [:]
    /// Hosts for which a control is the first that cannot be told: what a host does not answer once,
    /// it does not answer for every control after it.
    private(set) var unanswered: [Control: Group] = [:]
    private(set) var unexplained = 0
    private(set) var leaked = 0
    private(set) var bytesAtRisk: Int64 = 0
    private(set) var judged = 0
    private(set) var proven = 0
    private(set) var oldestProof: Date?

    init(_ hosts: [FleetSnapshot.Host]) { for host in hosts { add(host.compliance) } }

    private mutating func add(_ host: HostCompliance) {
        verdicts[host.verdict, default: 0] += 1
        var isAnswering = true
        for result in host.controls {
            controls[result.control, default: [:]][result.verdict, default: 0] += 1
            if result.verdict.isFinding {
                Self.add(host.host, result, to: &disproved[result.control, default: Group()])
            } else if isAnswering, result.verdict.isUndecided {
                isAnswering = false
                Self.add(host.host, result, to: &unanswered[result.control, default: Group()])
            }
        }
        unexplained = unexplained.addingClamped(host.facts.count(of: .unexplained))
        leaked = leaked.addingClamped(host.facts.count(of: .leaked))
        bytesAtRisk = bytesAtRisk.addingClamped(host.facts.bytesAtRisk)
        if host.facts.judgement != nil { judged += 1 }
        guard let boot = host.facts.provenBoot else { return }
        proven += 1
        if let at = boot.judgedAt { oldestProof = min(oldestProof ?? at, at) }
    }

    private static func add(_ host: HostName, _ result: ControlResult, to group: inout Group) {
        if group.hosts.isEmpty { group.example = "\(host): \(result.sentence)" }
        group.hosts.append(host)
    }
}

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
