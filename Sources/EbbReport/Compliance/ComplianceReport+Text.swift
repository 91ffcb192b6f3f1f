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
                .init("proven") { .text(ago($0.facts.provenBoot?.judgedAt, " ago")) },
                .init("observed") { .text(ago($0.facts.observation?.at, " ago")) },
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

    /// How long ago something was when the hosts were judged.
    func ago(_ date: Date?, _ end: String = "") -> String {
        date.map { TextDuration.text(.seconds(max(0, asOf.timeIntervalSince($0)))) + end } ?? "never"
    }

    private func why(_ host: HostCompliance) -> String {
        let worst = host.findings.first { $0.verdict == host.verdict } ?? host.findings.first
        let waived = host.controls.first { $0.verdict == .waived }
        guard let result = worst ?? waived else { return "" }
        let more = host.findings.count > 1 ? " (+\(host.findings.count - 1))" : ""
        return PrintableLine.of(result.sentence, limit: 200) + more
    }

    /// A summary for a ticket or a change record: counts, then each host that is not well.
    package var markdown: String {
        var text = "# Compliance of \(hosts.count == 1 ? "1 host" : "\(hosts.count) hosts")\n\n"
        text += "As of \(JSONText.instant(asOf)), generated \(JSONText.instant(generatedAt)) "
        text += "by ebb \(MarkdownText.of(provenance.toolVersion)).\n\n"
        text += "| Verdict | Hosts | Share |\n| --- | ---: | ---: |\n"
        for verdict in ComplianceVerdict.allCases {
            let count = count(of: verdict)
            let share = hosts.isEmpty ? "n/a" : "\(count * 100 / hosts.count) %"
            text += "| \(verdict.rawValue) | \(count) | \(share) |\n"
        }
        text += "| **all** | **\(hosts.count)** | |\n"
        text += "\n## Hosts that need attention\n\n"
        let troubled = hosts.filter { !$0.unmet.isEmpty }
        if troubled.isEmpty {
            text += hosts.isEmpty ? "No host was selected.\n" : "None.\n"
        } else {
            text += "| Host | Verdict | Control | Finding |\n| --- | --- | --- | --- |\n"
            for host in troubled { text += rows(host) }
        }
        text += "\n## Evidence\n\n"
        text += "- Evidence chain: \(provenance.chainLength) rows, head `\(provenance.chainHead)`\n"
        text += "- Inventory: \(hash(provenance.inventoryHash))\n"
        text += "- Policy: \(hash(provenance.policyHash))\n"
        return text
    }

    private func rows(_ host: HostCompliance) -> String {
        host.unmet.map { result in
            var sentence = MarkdownText.of(result.sentence)
            if let waiver = result.waiver {
                sentence += " Waived until \(MarkdownText.of(waiver.until)) by "
                sentence += "\(MarkdownText.of(waiver.by)), \(MarkdownText.of(waiver.reason))."
            }
            return "| \(MarkdownText.of(host.host.text)) | \(result.verdict.rawValue) | "
                + "\(result.control.rawValue) | \(sentence) |\n"
        }.joined()
    }

    private func hash(_ digest: String?) -> String { digest.map { "`\(MarkdownText.of($0))`" } ?? "not recorded" }
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

/// Text in Markdown that stays text: the only place that escapes it.
enum MarkdownText {
    /// An at sign would mention somebody in a ticket, a colon make a link of `http:`.
    private static let table: [Unicode.Scalar: String] = {
        let entities: [Unicode.Scalar: String] = ["&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;", ":": "&#58;"]
        let signs = "\\`*_{}[]()#+-!|~".unicodeScalars.map { ($0, "\\\($0)") }
        return entities.merging(signs) { entity, _ in entity }
    }()

    static func of(_ text: String) -> String { PrintableLine.of(text, limit: 300, escaping: table) }
}
