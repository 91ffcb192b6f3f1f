import EbbCompliance
import EbbModel
import FoundationEssentials

extension ComplianceReport {
    /// The whole report, `ebb.compliance/1`.
    var json: JSON { head + ["hosts": .each(hosts) { [$0.json(asOf: asOf)] }] }

    /// Writes the report as a stream: a head, then one record per host.
    func writeRecords(to output: inout some TextOutputStream) {
        output.write(JSONText.line(head + ["record": "report"]) + "\n")
        for host in hosts {
            let first: JSON = ["schema": .string(Self.schema), "record": "host"]
            output.write(JSONText.line(first + host.json(asOf: asOf)) + "\n")
        }
    }

    private var head: JSON {
        [
            "schema": .string(Self.schema), "generatedAt": .instant(generatedAt), "asOf": .instant(asOf),
            "periodStart": .instant(periodStart), "tool": ["name": "ebb", "version": .string(provenance.toolVersion)],
            "inventoryHash": .optional(provenance.inventoryHash), "policyHash": .optional(provenance.policyHash),
            "evidence": ["length": .count(provenance.chainLength), "head": .string(provenance.chainHead)],
            "summary": [
                "hosts": .count(hosts.count),
                "verdicts": .object(ComplianceVerdict.allCases.map { JSON.Member($0.rawValue, .count(count(of: $0))) }),
                "exitStatus": .count(exitStatus.rawValue),
            ],
            "trend": .array(
                trend.map { point in
                    [
                        "at": .instant(point.at), "unexplained": .count(point.unexplained),
                        "leaked": .count(point.leaked),
                    ]
                }),
        ]
    }
}

extension HostCompliance {
    fileprivate func json(asOf now: Date) -> JSON {
        [
            "host": .string(host.text), "groups": .strings(groups), "verdict": .string(verdict.rawValue),
            "exitStatus": .count(exitStatus.rawValue), "strategy": .optional(facts.observation?.strategy?.rawValue),
            "observedAt": .instant(facts.observation?.at),
            "reachable": .optional(facts.observation?.isReachable) { .bool($0) },
            "complete": .optional(facts.observation?.isComplete) { .bool($0) },
            "lastBoot": .optional(facts.lastBoot) { $0.json },
            "lastProvenBoot": .optional(facts.provenBoot) { $0.json },
            "lastProvenBootAgeSeconds": .count(provenAge(at: now)),
            "persistenceDigest": .optional(facts.persistenceDigest),
            // What nobody counted is null: 0 would be good news.
            "counts": facts.judgement == nil
                ? .null
                : [
                    "unexplained": .count(facts.count(of: .unexplained)), "leaked": .count(facts.count(of: .leaked)),
                    "declared": .count(facts.declared.count), "declaredNotInEffect": .count(declaredTroubles.count),
                ], "bytesAtRisk": facts.judgement == nil ? .null : .integer(facts.bytesAtRisk),
            "controls": .array(controls.map { $0.json(asOf: now) }),
            "declaredNotInEffect": .array(declaredTroubles.map(\.json)), "paths": .array(facts.paths.map(\.json)),
            "pathsOmitted": .count(pathsOmitted), "waiverProblems": .strings(waiverProblems),
        ]
    }
}

extension ControlResult {
    fileprivate func json(asOf now: Date) -> JSON {
        [
            "control": .string(control.rawValue), "verdict": .string(verdict.rawValue),
            "finding": .string(finding.rawValue), "sentence": .string(sentence), "evidenceAt": .instant(evidenceAt),
            "evidenceAgeSeconds": .optional(evidenceAge(at: now)) { .count(Int($0)) },
            "evidence": .array(evidence.map { .integer($0) }),
            "waiver": .optional(waiver) { waiver in
                [
                    "reason": .string(waiver.reason), "by": .string(waiver.by), "until": .string(waiver.until),
                    "endsAt": .instant(waiver.endsAt),
                ]
            },
        ]
    }
}

extension ComplianceFacts.Boot {
    fileprivate var json: JSON {
        [
            "bootID": .string(bootID.text), "previousBootID": .optional(previous?.text),
            "firstSeen": .instant(firstSeen), "judgedAt": .instant(judgedAt),
            "erasure": .optional(verdict?.erasure.rawValue), "retention": .optional(verdict?.retention.rawValue),
            "reasons": .strings(verdict?.reasons ?? []), "census": .array((verdict?.census ?? []).map(\.json)),
            "evidence": .count(evidence),
        ]
    }
}

extension ComplianceFacts.Path {
    /// Here the path is exact wherever it is text; the other documents have its printable form.
    fileprivate var json: JSON {
        let exact = JSON.Member("path", .string(path.text ?? path.printable))
        let members = JSON.object(self, ReportColumn.ofPath).members
        return .object(members.map { $0.name == "path" ? exact : $0 })
    }
}
