import EbbCompliance
import EbbModel
import FoundationEssentials

extension ComplianceReport {
    /// OSCAL 1.1.2 assessment results: one observation and one finding per host and control.
    ///
    /// Only `compliant` is *satisfied*. What could not be told, and what was waived, is
    /// *not-satisfied* with the reason `other`: neither a pass nor a failure.
    var oscal: JSON {
        let identity = provenance.chainHead + JSONText.instant(asOf)
        return [
            "assessment-results": [
                "uuid": .string(NameUUID.of(identity, "assessment-results")), "metadata": metadata,
                "import-ap": ["href": .string("#" + NameUUID.of(identity, "plan"))], "results": [result(identity)],
                "back-matter": ["resources": [planResource(identity)]],
            ]
        ]
    }

    private func result(_ identity: String) -> JSON {
        let head: JSON = [
            "uuid": .string(NameUUID.of(identity, "result")), "title": "Compliance of hosts with an ephemeral root",
            "description": "\(hosts.count) hosts, judged by ebb from stored evidence as of \(JSONText.instant(asOf)).",
            "start": .instant(periodStart ?? asOf), "end": .instant(asOf),
        ]
        // OSCAL wants no empty arrays.
        let items: JSON =
            hosts.isEmpty ? [:] : ["local-definitions": ["inventory-items": .each(hosts) { [inventoryItem($0)] }]]
        let controls = Control.allCases.map { control -> JSON in ["control-id": .string(control.rawValue)] }
        let judged: JSON =
            hosts.allSatisfy(\.applicable.isEmpty)
            ? [:]
            : [
                "observations": .each(hosts) { host in host.applicable.map { observation(host, $0) } },
                "findings": .each(hosts) { host in host.applicable.map { finding(host, $0) } },
            ]
        return head + items + ["reviewed-controls": ["control-selections": [["include-controls": .array(controls)]]]]
            + judged
    }

    private var metadata: JSON {
        let hashes = [
            ("evidence-head", provenance.chainHead), ("evidence-rows", "\(provenance.chainLength)"),
            ("inventory-sha256", provenance.inventoryHash ?? "not-recorded"),
            ("policy-sha256", provenance.policyHash ?? "not-recorded"),
        ]
        return [
            "title": "Ebb compliance", "last-modified": .instant(generatedAt),
            "version": .string(PrintableLine.of(provenance.toolVersion, limit: 100)), "oscal-version": "1.1.2",
            "props": .array(hashes.map { property($0.0, $0.1) }),
        ]
    }

    private func planResource(_ identity: String) -> JSON {
        [
            "uuid": .string(NameUUID.of(identity, "plan")), "title": "Controls of Ebb",
            "description": .string(Control.allCases.map { "\($0.rawValue): \($0.requirement)" }.joined(separator: " ")),
        ]
    }

    private func property(_ name: String, _ value: String) -> JSON {
        ["name": .string(name), "ns": "https://ebb.invalid/ns/oscal", "value": .string(Self.token(value))]
    }

    private func inventoryItem(_ host: HostCompliance) -> JSON {
        [
            "uuid": .string(NameUUID.of("host", host.host.text)), "description": .string("Host \(host.host.text)"),
            "props": [property("host-name", host.host.text), property("verdict", host.verdict.rawValue)],
        ]
    }

    private func observation(_ host: HostCompliance, _ result: ControlResult) -> JSON {
        let evidence = result.evidence.map { row -> JSON in
            let chain = "the evidence chain with head \(provenance.chainHead)"
            return ["description": .string("Row \(row) of \(chain)")]
        }
        let head: JSON = [
            "uuid": .string(observationID(host, result)),
            "title": .string("\(host.host.text): \(result.control.title)"),
            "description": .string(PrintableLine.of(result.sentence)),
            "props": [property("verdict", result.verdict.rawValue)], "methods": ["TEST"],
            "subjects": [["subject-uuid": .string(NameUUID.of("host", host.host.text)), "type": "inventory-item"]],
        ]
        return head + (evidence.isEmpty ? [:] : ["relevant-evidence": .array(evidence)]) + [
            "collected": .instant(result.evidenceAt ?? asOf)
        ]
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
        if let waiver = result.waiver { remarks += " Waived by \(waiver.by) until \(waiver.until): \(waiver.reason)" }
        return [
            "uuid": .string(NameUUID.of("finding", host.host.text, result.control.rawValue)),
            "title": .string("\(host.host.text): \(result.control.title)"),
            "description": .string(PrintableLine.of(result.sentence)),
            "target": [
                "type": "objective-id", "target-id": .string(result.control.rawValue),
                "status": [
                    "state": .string(isSatisfied ? "satisfied" : "not-satisfied"), "reason": .string(reason),
                    "remarks": .string(PrintableLine.of(remarks)),
                ],
            ], "related-observations": [["observation-uuid": .string(observationID(host, result))]],
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

extension HostCompliance {
    /// The controls that apply to the host.
    fileprivate var applicable: [ControlResult] { controls.filter { $0.verdict != .notApplicable } }
}

/// Identifiers made from names, so that the same report always has the same ones.
enum NameUUID {
    /// A UUID in the form of version 5; equal parts give equal ones.
    ///
    /// FNV-1a over 128 bits: it only has to tell the parts of one report apart, not to resist anybody.
    static func of(_ parts: String...) -> String {
        var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
        let prime: UInt128 = 0x0000_0000_0100_0000_0000_0000_0000_013b
        for part in parts {
            for byte in part.utf8 { hash = (hash ^ UInt128(byte)) &* prime }
            hash = (hash ^ 0xFF) &* prime  // never a byte of UTF-8: parts do not run together
        }
        var digits = Array(String(hash, radix: 16))
        digits = Array(repeating: "0", count: 32 - digits.count) + digits
        digits[12] = "5"
        digits[16] = "89ab".first { $0 == digits[16] } ?? "8"
        let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }
        return groups.joined(separator: "-")
    }
}
