import EbbCompliance
import EbbModel
import FoundationEssentials

extension ComplianceReport {
    /// One record per host.
    func writeCSV(to output: inout some TextOutputStream) {
        CSV.write(
            header: [
                "host", "groups", "verdict", "strategy", "reachable", "observed_at", "complete",
                "last_proven_boot_at", "last_proven_boot_age_seconds", "last_proven_boot_id",
                "last_boot_id", "last_boot_erasure", "last_boot_retention", "unexplained_paths",
                "leaked_paths", "bytes_at_risk", "declared_paths", "declared_not_in_effect",
                "persistence_digest",
            ] + Control.allCases.map { "control_" + $0.rawValue } + [
                "findings", "waivers", "generated_at", "as_of", "evidence_head",
            ],
            records: hosts.lazy.map(record), to: &output)
    }

    private func record(_ host: HostCompliance) -> [CSV.Cell] {
        let facts = host.facts
        let isJudged = facts.judgement != nil
        let last = facts.lastBoot
        let known: [CSV.Cell] = [
            .text(host.host.text), .text(host.groups.joined(separator: " ")),
            .text(host.verdict.rawValue), .optional(facts.look?.strategy?.rawValue),
            .optional(facts.look.map { $0.isReachable ? "yes" : "no" }),
            .optional(facts.look.map { JSONText.instant($0.at) }),
            .optional(facts.look.map { $0.isComplete ? "yes" : "no" }),
            .optional(facts.provenBoot?.judgedAt.map(JSONText.instant)),
            .optional(host.provenAge(at: asOf)), .optional(facts.provenBoot?.bootID.text),
            .optional(last?.bootID.text), .optional(last?.verdict?.erasure.rawValue),
            .optional(last?.verdict?.retention.rawValue),
        ]
        // A number that nobody counted is left empty: 0 would be good news.
        let counted: [CSV.Cell] = [
            .optional(isJudged ? facts.count(of: .unexplained) : nil),
            .optional(isJudged ? facts.count(of: .leaked) : nil),
            .optional(isJudged ? facts.bytesAtRisk : nil),
            .optional(isJudged ? facts.declared.count : nil),
            .optional(isJudged ? host.declaredTroubles.count : nil),
            .optional(facts.persistenceDigest),
        ]
        let controls: [CSV.Cell] = Control.allCases.map { control in
            .optional(host.result(of: control)?.verdict.rawValue)
        }
        let waivers = host.controls.compactMap { result in
            result.waiver.map { "\($0.control) until \($0.until) by \($0.by): \($0.reason)" }
        }
        let closing: [CSV.Cell] = [
            .text(host.findings.map(\.sentence).joined(separator: " ")),
            .text(waivers.joined(separator: "; ")), .text(JSONText.instant(generatedAt)),
            .text(JSONText.instant(asOf)), .text(provenance.chainHead),
        ]
        return known + counted + controls + closing
    }

    /// One record per control that is not well, per declared path that is not in effect, and per
    /// path at risk.
    func writeFindingsCSV(to output: inout some TextOutputStream) {
        CSV.write(
            header: [
                "host", "kind", "control", "verdict", "path", "class", "size", "first_seen",
                "sentence", "suggestion", "evidence_at", "evidence",
            ],
            records: hosts.lazy.flatMap { host in
                controlRecords(host) + declaredRecords(host) + pathRecords(host)
            }, to: &output)
    }

    private func controlRecords(_ host: HostCompliance) -> [[CSV.Cell]] {
        host.controls.filter { $0.verdict != .compliant && $0.verdict != .notApplicable }.map {
            [
                .text(host.host.text), "control", .text($0.control.rawValue),
                .text($0.verdict.rawValue), .empty, .empty, .empty, .empty, .text($0.sentence),
                .empty, .optional($0.evidenceAt.map(JSONText.instant)),
                .text($0.evidence.map { String($0) }.joined(separator: " ")),
            ]
        }
    }

    private func declaredRecords(_ host: HostCompliance) -> [[CSV.Cell]] {
        host.declaredTroubles.map {
            [
                .text(host.host.text), "declared", .text(Control.persistenceVerified.rawValue),
                .text($0.verdict.rawValue), .text($0.entry.path),
                .text($0.entry.stateClass.rawValue), .empty, .empty, .text($0.reason), .empty,
                .empty, .empty,
            ]
        }
    }

    private func pathRecords(_ host: HostCompliance) -> [[CSV.Cell]] {
        host.facts.paths.map { path in
            let control = path.verdict == .leaked ? Control.leakedState : .unexplainedState
            return [
                .text(host.host.text), "path", .text(control.rawValue),
                .text(path.verdict.rawValue), .text(path.path.printable),
                .text(path.stateClass.rawValue), .optional(path.size),
                .text(JSONText.instant(path.firstSeen)), .text(path.reason),
                .optional(path.suggestion), .empty, .empty,
            ]
        }
    }
}
