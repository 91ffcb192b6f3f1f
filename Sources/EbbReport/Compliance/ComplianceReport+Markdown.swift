import EbbCompliance
import EbbModel
import FoundationEssentials

extension ComplianceReport {
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
