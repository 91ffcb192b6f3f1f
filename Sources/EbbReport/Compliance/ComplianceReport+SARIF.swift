import EbbCompliance
import EbbModel
import FoundationEssentials

extension ComplianceReport {
    /// SARIF 2.1.0: one result per control that is not well, and one per path at risk.
    var sarif: JSON {
        let results: JSON = ["results": .each(hosts) { controlResults($0) + pathResults($0) }]
        return [
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run + results],
        ]
    }

    private var run: JSON {
        [
            "tool": [
                "driver": [
                    "name": "ebb", "version": .string(provenance.toolVersion),
                    "rules": .array(Control.allCases.map(rule)),
                ]
            ],
            "invocations": [
                ["executionSuccessful": .bool(count(of: .error) == 0), "endTimeUtc": .instant(generatedAt)]
            ],
            "properties": [
                "hosts": .count(hosts.count), "evidenceHead": .string(provenance.chainHead),
                "inventoryHash": .optional(provenance.inventoryHash), "policyHash": .optional(provenance.policyHash),
            ],
        ]
    }

    private func rule(_ control: Control) -> JSON {
        [
            "id": .string(control.rawValue), "name": .string(control.title),
            "shortDescription": ["text": .string(control.requirement)],
        ]
    }

    private func controlResults(_ host: HostCompliance) -> [JSON] {
        host.controls.compactMap { result in
            guard let level = result.verdict.sarifLevel else { return nil }
            let properties: JSON = [
                "properties": [
                    "verdict": .string(result.verdict.rawValue),
                    "evidence": .array(result.evidence.map { .integer($0) }),
                ]
            ]
            let suppressions = result.waiver.map { waiver -> JSON in
                let reason = "\(waiver.reason) (\(waiver.by), until \(waiver.until))"
                return [
                    "suppressions": [
                        ["kind": "external", "status": "accepted", "justification": .string(PrintableLine.of(reason))]
                    ]
                ]
            }
            return finding(
                rule: result.control, level: level, message: result.sentence, location: location(host.host),
                fingerprint: NameUUID.of(host.host.text, result.control.rawValue)) + properties + (suppressions ?? [:])
        }
    }

    private func pathResults(_ host: HostCompliance) -> [JSON] {
        host.facts.paths.map { path in
            let advice = path.suggestion.map { " \($0)" } ?? ""
            let address: JSON = [
                "physicalLocation": ["artifactLocation": ["uri": .string(Self.uri(host.host, path.path))]]
            ]
            return finding(
                rule: path.control, level: path.verdict == .leaked ? "error" : "warning",
                message: "\(path.path.printable): \(path.reason)\(advice)", location: address + location(host.host),
                fingerprint: NameUUID.of(host.host.text, path.verdict.rawValue, path.path.base64))
        }
    }

    private func finding(rule: Control, level: String, message: String, location: JSON, fingerprint: String) -> JSON {
        [
            "ruleId": .string(rule.rawValue), "ruleIndex": .count(Control.allCases.firstIndex(of: rule) ?? 0),
            "level": .string(level), "message": ["text": .string(PrintableLine.of(message))], "locations": [location],
            "partialFingerprints": ["ebb/1": .string(fingerprint)],
        ]
    }

    private func location(_ host: HostName) -> JSON {
        ["logicalLocations": [["name": .string(host.text), "kind": "resource"]]]
    }

    /// `ssh://host/path`, with every byte that is not plainly allowed written as `%NN`.
    static func uri(_ host: HostName, _ path: BytePath) -> String {
        return "ssh://" + PercentEncoding.of(host.text.utf8) + PercentEncoding.of(path.bytes, keeping: "/")
    }
}

extension ComplianceVerdict {
    /// The level of a result; `nil` where there is nothing to report.
    fileprivate var sarifLevel: String? {
        switch self {
        case .nonCompliant, .error: "error"
        case .stale, .unreachable, .unknown: "warning"
        case .waived: "note"
        case .compliant, .notApplicable: nil
        }
    }
}
