import EbbCompliance
import EbbModel
import FoundationEssentials

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
        for risk in host.facts.atRisk {
            switch risk.verdict {
            case .unexplained: unexplained = unexplained.addingClamped(risk.count)
            case .leaked: leaked = leaked.addingClamped(risk.count)
            default: break
            }
        }
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
