import EbbCompliance
import EbbModel
import FoundationEssentials

extension ComplianceReport {
    /// Writes the whole report, `ebb.compliance/1`.
    func writeJSON(to output: inout some TextOutputStream) {
        var writer = JSONWriter()
        writer.begin(nil, "{", to: &output)
        writer.members(head, to: &output)
        writer.array("hosts", of: hosts.lazy.map { $0.json(asOf: asOf) }, to: &output)
        writer.end("}", to: &output)
    }

    /// Writes the report as a stream: a head, then one record per host.
    func writeRecords(to output: inout some TextOutputStream) {
        let first = head + [JSON.Member("record", "report")]
        output.write(JSONText.line(.object(first)) + "\n")
        for host in hosts {
            let members =
                [JSON.Member("schema", .string(Self.schema)), JSON.Member("record", "host")]
                + host.json(asOf: asOf).members
            output.write(JSONText.line(.object(members)) + "\n")
        }
    }

    private var head: [JSON.Member] {
        [
            JSON.Member("schema", .string(Self.schema)),
            JSON.Member("generatedAt", .string(JSONText.instant(generatedAt))),
            JSON.Member("asOf", .string(JSONText.instant(asOf))),
            JSON.Member("periodStart", .optional(periodStart) { .string(JSONText.instant($0)) }),
            JSON.Member("tool", ["name": "ebb", "version": .string(provenance.toolVersion)]),
            JSON.Member("inventoryHash", .optional(provenance.inventoryHash)),
            JSON.Member("policyHash", .optional(provenance.policyHash)),
            JSON.Member(
                "evidence",
                [
                    "length": .count(provenance.chainLength),
                    "head": .string(provenance.chainHead),
                ]),
            JSON.Member(
                "summary",
                [
                    "hosts": .count(hosts.count),
                    "verdicts": .object(
                        ComplianceVerdict.allCases.map {
                            JSON.Member($0.rawValue, .count(count(of: $0)))
                        }),
                    "exitStatus": .integer(Int64(exitStatus.rawValue)),
                ]),
            JSON.Member(
                "trend",
                .array(
                    trend.map { point in
                        [
                            "at": .string(JSONText.instant(point.at)),
                            "unexplained": .count(point.unexplained),
                            "leaked": .count(point.leaked),
                        ]
                    })),
        ]
    }
}

extension HostCompliance {
    fileprivate func json(asOf now: Date) -> JSON {
        let named = facts.paths.count
        let total = facts.count(of: .unexplained) + facts.count(of: .leaked)
        return [
            "host": .string(host.text), "groups": .strings(groups),
            "verdict": .string(verdict.rawValue),
            "exitStatus": .integer(Int64(exitStatus.rawValue)),
            "strategy": .optional(facts.look?.strategy?.rawValue),
            "observedAt": .optional(facts.look?.at) { .string(JSONText.instant($0)) },
            "reachable": .optional(facts.look?.isReachable) { .bool($0) },
            "complete": .optional(facts.look?.isComplete) { .bool($0) },
            "lastBoot": .optional(facts.lastBoot) { $0.json },
            "lastProvenBoot": .optional(facts.provenBoot) { $0.json },
            "lastProvenBootAgeSeconds": .optional(provenAge(at: now)) { .count($0) },
            "persistenceDigest": .optional(facts.persistenceDigest),
            // What nobody counted is null: 0 would be good news.
            "counts": facts.judgement == nil
                ? .null
                : [
                    "unexplained": .count(facts.count(of: .unexplained)),
                    "leaked": .count(facts.count(of: .leaked)),
                    "declared": .count(facts.declared.count),
                    "declaredNotInEffect": .count(declaredTroubles.count),
                ],
            "bytesAtRisk": facts.judgement == nil ? .null : .integer(facts.bytesAtRisk),
            "controls": .array(controls.map { $0.json(asOf: now) }),
            "declaredNotInEffect": .array(declaredTroubles.map(\.complianceJSON)),
            "paths": .array(facts.paths.map(\.json)),
            "pathsOmitted": .count(max(0, total - named)),
            "waiverProblems": .strings(waiverProblems),
        ]
    }
}

extension ControlResult {
    fileprivate func json(asOf now: Date) -> JSON {
        [
            "control": .string(control.rawValue), "verdict": .string(verdict.rawValue),
            "finding": .string(finding.rawValue), "sentence": .string(sentence),
            "evidenceAt": .optional(evidenceAt) { .string(JSONText.instant($0)) },
            "evidenceAgeSeconds": .optional(evidenceAge(at: now)) { .count(Int($0)) },
            "evidence": .array(evidence.map { .integer($0) }),
            "waiver": .optional(waiver) { waiver in
                [
                    "reason": .string(waiver.reason), "by": .string(waiver.by),
                    "until": .string(waiver.until),
                    "endsAt": .optional(waiver.endsAt) { .string(JSONText.instant($0)) },
                ]
            },
        ]
    }
}

extension ComplianceFacts.Boot {
    fileprivate var json: JSON {
        [
            "bootID": .string(bootID.text),
            "previousBootID": .optional(previous?.text),
            "firstSeen": .string(JSONText.instant(firstSeen)),
            "judgedAt": .optional(judgedAt) { .string(JSONText.instant($0)) },
            "erasure": .optional(verdict?.erasure.rawValue),
            "retention": .optional(verdict?.retention.rawValue),
            "reasons": .strings(verdict?.reasons ?? []),
            "evidence": .optional(evidence) { .integer($0) },
        ]
    }
}

extension DeclaredFinding {
    fileprivate var complianceJSON: JSON {
        [
            "path": .string(entry.path), "mechanism": .string(entry.mechanism.rawValue),
            "class": .string(entry.stateClass.rawValue), "verdict": .string(verdict.rawValue),
            "reason": .string(reason),
        ]
    }
}

extension ComplianceFacts.Path {
    fileprivate var json: JSON {
        var members = [JSON.Member("path", .string(path.text ?? path.printable))]
        if path.text == nil { members.append(JSON.Member("pathBase64", .string(path.base64))) }
        members += [
            JSON.Member("kind", .string(kind.rawValue)),
            JSON.Member("verdict", .string(verdict.rawValue)),
            JSON.Member("class", .string(stateClass.rawValue)),
            JSON.Member("size", .optional(size) { .integer($0) }),
            JSON.Member("firstSeen", .string(JSONText.instant(firstSeen))),
            JSON.Member("reason", .string(reason)),
            JSON.Member("suggestion", .optional(suggestion)),
        ]
        return .object(members)
    }
}
