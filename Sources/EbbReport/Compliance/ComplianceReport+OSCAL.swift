import EbbCompliance
import EbbModel
import FoundationEssentials

extension ComplianceReport {
    /// OSCAL 1.1.2 assessment results: one observation and one finding per host and control.
    ///
    /// Only `compliant` is *satisfied*. What could not be told, and what was waived, is
    /// *not-satisfied* with the reason `other`: neither a pass nor a failure.
    package var oscal: JSON {
        let end = JSONText.instant(asOf)
        let identity = provenance.chainHead + end
        let judged = hosts.map { host in
            (host, host.controls.filter { $0.verdict != .notApplicable })
        }
        var result: [JSON.Member] = [
            JSON.Member("uuid", .string(NameUUID.of(identity, "result"))),
            JSON.Member("title", "Compliance of hosts with an ephemeral root"),
            JSON.Member(
                "description",
                .string("\(hosts.count) hosts, judged by ebb from stored evidence as of \(end).")),
            JSON.Member("start", .string(JSONText.instant(periodStart ?? asOf))),
            JSON.Member("end", .string(end)),
        ]
        if !hosts.isEmpty {
            result.append(
                JSON.Member(
                    "local-definitions",
                    ["inventory-items": .array(hosts.map(inventoryItem))]))
        }
        result.append(
            JSON.Member(
                "reviewed-controls",
                [
                    "control-selections": [
                        [
                            "include-controls": .array(
                                Control.allCases.map { ["control-id": .string($0.rawValue)] })
                        ]
                    ]
                ]))
        let observations = judged.flatMap { host, results in
            results.map { observation(host, $0) }
        }
        let findings = judged.flatMap { host, results in results.map { finding(host, $0) } }
        if !observations.isEmpty {
            result.append(JSON.Member("observations", .array(observations)))
            result.append(JSON.Member("findings", .array(findings)))
        }
        return [
            "assessment-results": [
                "uuid": .string(NameUUID.of(identity, "assessment-results")),
                "metadata": metadata,
                "import-ap": ["href": .string("#" + NameUUID.of(identity, "plan"))],
                "results": [.object(result)],
                "back-matter": ["resources": [planResource(identity)]],
            ]
        ]
    }

    private var metadata: JSON {
        let hashes = [
            ("evidence-head", provenance.chainHead), ("evidence-rows", "\(provenance.chainLength)"),
            ("inventory-sha256", provenance.inventoryHash ?? "not-recorded"),
            ("policy-sha256", provenance.policyHash ?? "not-recorded"),
        ]
        return [
            "title": "Ebb compliance", "last-modified": .string(JSONText.instant(generatedAt)),
            "version": .string(PrintableLine.of(provenance.toolVersion, limit: 100)),
            "oscal-version": "1.1.2",
            "props": .array(hashes.map { property($0.0, $0.1) }),
        ]
    }

    private func planResource(_ identity: String) -> JSON {
        [
            "uuid": .string(NameUUID.of(identity, "plan")),
            "title": "Controls of Ebb",
            "description": .string(
                Control.allCases.map { "\($0.rawValue): \($0.requirement)" }
                    .joined(separator: " ")),
        ]
    }

    private func property(_ name: String, _ value: String) -> JSON {
        [
            "name": .string(name), "ns": "https://ebb.invalid/ns/oscal",
            "value": .string(Self.token(value)),
        ]
    }

    private func inventoryItem(_ host: HostCompliance) -> JSON {
        [
            "uuid": .string(NameUUID.of("host", host.host.text)),
            "description": .string("Host \(host.host.text)"),
            "props": [
                property("host-name", host.host.text), property("verdict", host.verdict.rawValue),
            ],
        ]
    }

    private func observation(_ host: HostCompliance, _ result: ControlResult) -> JSON {
        var members: [JSON.Member] = [
            JSON.Member("uuid", .string(observationID(host, result))),
            JSON.Member(
                "title", .string("\(host.host.text): \(result.control.title)")),
            JSON.Member("description", .string(PrintableLine.of(result.sentence))),
            JSON.Member("props", [property("verdict", result.verdict.rawValue)]),
            JSON.Member("methods", ["TEST"]),
            JSON.Member(
                "subjects",
                [
                    [
                        "subject-uuid": .string(NameUUID.of("host", host.host.text)),
                        "type": "inventory-item",
                    ]
                ]),
        ]
        if !result.evidence.isEmpty {
            members.append(
                JSON.Member(
                    "relevant-evidence",
                    .array(
                        result.evidence.map {
                            [
                                "description": .string(
                                    "Row \($0) of the evidence chain with head "
                                        + provenance.chainHead)
                            ]
                        })))
        }
        members.append(
            JSON.Member("collected", .string(JSONText.instant(result.evidenceAt ?? asOf))))
        return .object(members)
    }

    private func finding(_ host: HostCompliance, _ result: ControlResult) -> JSON {
        let isSatisfied = result.verdict == .compliant
        let reason =
            switch result.verdict {
            case .compliant: "pass"
            case .nonCompliant: "fail"
            case .stale, .unreachable, .unknown, .waived, .notApplicable, .error: "other"
            }
        var remarks = "The verdict is \(result.verdict.rawValue)."
        if let waiver = result.waiver {
            remarks += " Waived by \(waiver.by) until \(waiver.until): \(waiver.reason)"
        }
        return [
            "uuid": .string(NameUUID.of("finding", host.host.text, result.control.rawValue)),
            "title": .string("\(host.host.text): \(result.control.title)"),
            "description": .string(PrintableLine.of(result.sentence)),
            "target": [
                "type": "objective-id", "target-id": .string(result.control.rawValue),
                "status": [
                    "state": .string(isSatisfied ? "satisfied" : "not-satisfied"),
                    "reason": .string(reason), "remarks": .string(PrintableLine.of(remarks)),
                ],
            ],
            "related-observations": [
                ["observation-uuid": .string(observationID(host, result))]
            ],
        ]
    }

    private func observationID(_ host: HostCompliance, _ result: ControlResult) -> String {
        NameUUID.of("observation", host.host.text, result.control.rawValue)
    }

    /// A value as OSCAL's strings want it: not empty, no blanks around it.
    private static func token(_ text: String) -> String {
        let line = PrintableLine.of(text, limit: 300)
        let trimmed = line.split(separator: " ", omittingEmptySubsequences: true)
        return trimmed.isEmpty ? "none" : trimmed.joined(separator: " ")
    }
}
