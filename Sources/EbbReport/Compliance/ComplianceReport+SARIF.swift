import EbbCompliance
import EbbModel
import FoundationEssentials

extension ComplianceReport {
    /// SARIF 2.1.0: one result per control that is not well, and one per path at risk.
    func writeSARIF(to output: inout some TextOutputStream) {
        var writer = JSONWriter()
        writer.begin(nil, "{", to: &output)
        writer.member(
            "$schema", "https://json.schemastore.org/sarif-2.1.0.json", to: &output)
        writer.member("version", "2.1.0", to: &output)
        writer.begin("runs", "[", to: &output)
        writer.begin(nil, "{", to: &output)
        writer.members(run, to: &output)
        writer.array(
            "results", of: hosts.lazy.flatMap { controlResults($0) + pathResults($0) },
            to: &output)
        writer.end("}", to: &output)
        writer.end("]", to: &output)
        writer.end("}", to: &output)
    }

    private var run: [JSON.Member] {
        [
            JSON.Member(
                "tool",
                [
                    "driver": [
                        "name": "ebb", "version": .string(provenance.toolVersion),
                        "rules": .array(Control.allCases.map(rule)),
                    ]
                ]),
            JSON.Member(
                "invocations",
                [
                    [
                        "executionSuccessful": .bool(count(of: .error) == 0),
                        "endTimeUtc": .string(JSONText.instant(generatedAt)),
                    ]
                ]),
            JSON.Member(
                "properties",
                [
                    "hosts": .count(hosts.count), "evidenceHead": .string(provenance.chainHead),
                    "inventoryHash": .optional(provenance.inventoryHash),
                    "policyHash": .optional(provenance.policyHash),
                ]),
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
            var members = members(
                rule: result.control, level: level, message: result.sentence,
                location: location(host.host, nil),
                fingerprint: NameUUID.of(host.host.text, result.control.rawValue))
            members.append(
                JSON.Member(
                    "properties",
                    [
                        "verdict": .string(result.verdict.rawValue),
                        "evidence": .array(result.evidence.map { .integer($0) }),
                    ]))
            if let waiver = result.waiver {
                let reason = "\(waiver.reason) (\(waiver.by), until \(waiver.until))"
                members.append(
                    JSON.Member(
                        "suppressions",
                        [
                            [
                                "kind": "external", "status": "accepted",
                                "justification": .string(PrintableLine.of(reason)),
                            ]
                        ]))
            }
            return .object(members)
        }
    }

    private func pathResults(_ host: HostCompliance) -> [JSON] {
        host.facts.paths.map { path in
            let control = path.verdict == .leaked ? Control.leakedState : .unexplainedState
            let advice = path.suggestion.map { " \($0)" } ?? ""
            return .object(
                members(
                    rule: control, level: path.verdict == .leaked ? "error" : "warning",
                    message: "\(path.path.printable): \(path.reason)\(advice)",
                    location: location(host.host, path.path),
                    fingerprint: NameUUID.of(
                        host.host.text, path.verdict.rawValue, path.path.base64)))
        }
    }

    private func members(
        rule: Control, level: String, message: String, location: JSON, fingerprint: String
    ) -> [JSON.Member] {
        let index = Control.allCases.firstIndex(of: rule) ?? 0
        return [
            JSON.Member("ruleId", .string(rule.rawValue)),
            JSON.Member("ruleIndex", .count(index)), JSON.Member("level", .string(level)),
            JSON.Member("message", ["text": .string(PrintableLine.of(message))]),
            JSON.Member("locations", [location]),
            JSON.Member("partialFingerprints", ["ebb/1": .string(fingerprint)]),
        ]
    }

    private func location(_ host: HostName, _ path: BytePath?) -> JSON {
        var members = [
            JSON.Member(
                "logicalLocations",
                [["name": .string(host.text), "kind": "resource"]])
        ]
        if let path {
            members.insert(
                JSON.Member(
                    "physicalLocation",
                    ["artifactLocation": ["uri": .string(Self.uri(host, path))]]), at: 0)
        }
        return .object(members)
    }

    /// `ssh://host/path`, with every byte that is not plainly allowed written as `%NN`.
    static func uri(_ host: HostName, _ path: BytePath) -> String {
        func encoded(_ bytes: some Sequence<UInt8>, keeping: String) -> String {
            let kept = Set(keeping.utf8)
            let digits = Array("0123456789ABCDEF")
            return bytes.map { byte in
                let isPlain =
                    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte) || kept.contains(byte)
                return isPlain
                    ? String(UnicodeScalar(byte))
                    : "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }.joined()
        }
        return "ssh://" + encoded(host.text.utf8, keeping: "-._~")
            + encoded(path.bytes, keeping: "-._~/")
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
