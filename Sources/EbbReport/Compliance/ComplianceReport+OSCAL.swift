import EbbCompliance
import EbbModel
import FoundationEssentials

extension ComplianceReport {
    /// OSCAL 1.1.2 assessment results: one observation and one finding per host and control.
    ///
    /// Only `compliant` is *satisfied*. What could not be told, and what was waived, is
    /// *not-satisfied* with the reason `other`: neither a pass nor a failure.
    func writeOSCAL(to output: inout some TextOutputStream) {
        let identity = provenance.chainHead + JSONText.instant(asOf)
        var writer = JSONWriter()
        writer.begin(nil, "{", to: &output)
        writer.begin("assessment-results", "{", to: &output)
        writer.member("uuid", .string(NameUUID.of(identity, "assessment-results")), to: &output)
        writer.member("metadata", metadata, to: &output)
        writer.member("import-ap", ["href": .string("#" + NameUUID.of(identity, "plan"))], to: &output)
        writer.begin("results", "[", to: &output)
        writeResult(identity, &writer, to: &output)
        writer.end("]", to: &output)
        writer.member("back-matter", ["resources": [planResource(identity)]], to: &output)
        writer.end("}", to: &output)
        writer.end("}", to: &output)
    }

    private func writeResult(_ identity: String, _ writer: inout JSONWriter, to output: inout some TextOutputStream) {
        let end = JSONText.instant(asOf)
        writer.begin(nil, "{", to: &output)
        writer.member("uuid", .string(NameUUID.of(identity, "result")), to: &output)
        writer.member("title", "Compliance of hosts with an ephemeral root", to: &output)
        writer.member(
            "description", .string("\(hosts.count) hosts, judged by ebb from stored evidence as of \(end)."),
            to: &output)
        writer.member("start", .instant(periodStart ?? asOf), to: &output)
        writer.member("end", .string(end), to: &output)
        if !hosts.isEmpty {
            writer.begin("local-definitions", "{", to: &output)
            writer.array("inventory-items", of: hosts.lazy.map(inventoryItem), to: &output)
            writer.end("}", to: &output)
        }
        writer.member(
            "reviewed-controls",
            [
                "control-selections": [
                    ["include-controls": .array(Control.allCases.map { ["control-id": .string($0.rawValue)] })]
                ]
            ], to: &output)
        func judged(_ host: HostCompliance) -> [ControlResult] { host.controls.filter { $0.verdict != .notApplicable } }
        // OSCAL wants no empty arrays.
        if hosts.contains(where: { !judged($0).isEmpty }) {
            writer.array(
                "observations", of: hosts.lazy.flatMap { host in judged(host).map { observation(host, $0) } },
                to: &output)
            writer.array(
                "findings", of: hosts.lazy.flatMap { host in judged(host).map { finding(host, $0) } }, to: &output)
        }
        writer.end("}", to: &output)
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
