import EbbCompliance
import EbbModel
import FoundationEssentials

extension ComplianceReport {
    /// A table of hosts, what is wrong with each, and the counts with their denominator.
    package func text(width: Int?, color: Bool) -> String {
        func paths(_ verdict: PathVerdict) -> (HostCompliance) -> ReportValue {
            { .number($0.facts.judgement == nil ? nil : $0.facts.count(of: verdict)) }
        }
        let table = TextTable.of(
            hosts,
            [
                .init("host") { .text($0.host.text) }, .init("verdict") { .word($0.verdict.rawValue, $0.verdict.role) },
                .init("proven") { .text(ago($0.facts.provenBoot?.judgedAt)) },
                .init("observed") { .text(ago($0.facts.observation?.at)) },
                .init("unexplained", nil, .right, value: paths(.unexplained)),
                .init("leaked", nil, .right, value: paths(.leaked)), .init("why", shrinks: true) { .text(why($0)) },
            ])
        let counts = ComplianceVerdict.allCases.compactMap { verdict in
            let count = count(of: verdict)
            return count == 0 ? nil : "\(count) \(verdict.rawValue)"
        }
        let waivers = hosts.flatMap { host in host.waiverProblems.map { "\(host.host.text): \($0)\n" } }
        let total = hosts.count == 1 ? "1 host" : "\(hosts.count) hosts"
        if hosts.isEmpty { return "No host was selected.\n" }
        return table.rendered(width: width, color: color) + "\n\(total): \(counts.joined(separator: ", "))\n"
            + waivers.joined()
    }

    private func ago(_ date: Date?) -> String {
        guard let date else { return "never" }
        return TextDuration.text(.seconds(max(0, asOf.timeIntervalSince(date)))) + " ago"
    }

    private func why(_ host: HostCompliance) -> String {
        let worst = host.findings.first { $0.verdict == host.verdict } ?? host.findings.first
        let waived = host.controls.first { $0.verdict == .waived }
        guard let result = worst ?? waived else { return "" }
        let more = host.findings.count > 1 ? " (+\(host.findings.count - 1))" : ""
        return PrintableLine.of(result.sentence, limit: 200) + more
    }
}

extension ComplianceVerdict {
    var role: TextRole {
        switch self {
        case .compliant: .good
        case .nonCompliant, .error: .bad
        case .stale, .unreachable, .unknown, .waived: .warning
        case .notApplicable: .muted
        }
    }
}
