package import EbbCompliance
package import EbbModel
package import FoundationEssentials

/// What a fleet's compliance is at one time, ready to be written in any format.
package struct ComplianceReport: Sendable, Hashable {
    /// The version of the machine formats; it only ever gains fields.
    package static let schema = "ebb.compliance/1"

    /// What makes the report checkable later.
    package struct Provenance: Sendable, Hashable {
        package let toolVersion: String
        /// SHA-256 of the inventory that was read, lower-case hexadecimal.
        package var inventoryHash: String?
        /// SHA-256 of the policies that were applied, lower-case hexadecimal.
        package var policyHash: String?
        /// How many rows the evidence chain had.
        package var chainLength: Int
        /// The hash of its last row, lower-case hexadecimal.
        package var chainHead: String

        package init(
            toolVersion: String, inventoryHash: String? = nil, policyHash: String? = nil, chainLength: Int,
            chainHead: String
        ) {
            (self.toolVersion, self.inventoryHash, self.policyHash) = (toolVersion, inventoryHash, policyHash)
            (self.chainLength, self.chainHead) = (chainLength, chainHead)
        }
    }

    package let generatedAt: Date
    /// The time as of which hosts were judged; `generatedAt` unless the past was asked for.
    package let asOf: Date
    /// The beginning of the period that `trend` covers, where one was asked for.
    package let periodStart: Date?
    package let provenance: Provenance
    /// In the order in which the fleet was selected.
    package let hosts: [HostCompliance]
    /// Oldest first; may be empty.
    package let trend: [DriftDay]

    package init(
        generatedAt: Date, asOf: Date? = nil, periodStart: Date? = nil, provenance: Provenance, hosts: [HostCompliance],
        trend: [DriftDay] = []
    ) {
        self.generatedAt = generatedAt
        self.asOf = asOf ?? generatedAt
        (self.periodStart, self.provenance, self.hosts, self.trend) = (periodStart, provenance, hosts, trend)
    }

    /// How many hosts have the verdict; together they are all hosts.
    package func count(of verdict: ComplianceVerdict) -> Int { hosts.filter { $0.verdict == verdict }.count }

    /// What the command that made the report must end with.
    package var exitStatus: ExitStatus { hosts.reduce(.success) { $0.merged(with: $1.exitStatus) } }
}

extension HostCompliance {
    /// The result of one control.
    func result(of control: Control) -> ControlResult? { controls.first { $0.control == control } }

    /// Seconds since the last proven boot; `nil`: none was ever proven.
    func provenAge(at now: Date) -> Int? { facts.provenBoot?.judgedAt.map { Int(max(0, now.timeIntervalSince($0))) } }

    /// The controls that are not well, waived ones among them.
    var unmet: [ControlResult] { controls.filter { $0.verdict != .compliant && $0.verdict != .notApplicable } }

    /// How many paths at risk the facts do not name.
    var pathsOmitted: Int {
        max(0, facts.count(of: .leaked).addingClamped(facts.count(of: .unexplained)) - facts.paths.count)
    }

    /// Declared paths that are not in effect, or could not be checked.
    var declaredTroubles: [DeclaredFinding] { facts.declared.filter { $0.verdict != .inEffect } }
}

extension ComplianceFacts.Path {
    /// The control that the path fails.
    var control: Control { verdict == .leaked ? .leakedState : .unexplainedState }
}

/// The formats of a compliance export.
///
/// A new one is a case here, its line in `facts`, its line in `write`, and a file that writes it.
package enum ComplianceFormat: String, Sendable, CaseIterable {
    // In the order of help: those that most commands have come first.

    /// For a terminal.
    case table
    case json, ndjson, csv
    /// One record per finding instead of one per host.
    case findingsCSV = "findings-csv"
    case markdown, html, junit
    /// Prometheus and OpenMetrics text.
    case metrics
    case sarif, oscal

    /// What people call it.
    package var title: String { facts.title }

    /// What a file of the format is usually called at its end.
    package var fileExtension: String { facts.fileExtension }

    /// Its type in HTTP.
    package var mediaType: String { facts.mediaType }

    /// Whether people keep it as a file.
    package var isDownload: Bool { self != .table && self != .metrics }

    private var facts: (title: String, fileExtension: String, mediaType: String) {
        switch self {
        case .table: ("Table", "txt", "text/plain; charset=utf-8")
        case .csv: ("CSV, a row per host", "csv", "text/csv; charset=utf-8")
        case .findingsCSV: ("CSV, a row per finding", "csv", "text/csv; charset=utf-8")
        case .html: ("Report to print", "html", "text/html; charset=utf-8")
        case .markdown: ("Markdown", "md", "text/markdown; charset=utf-8")
        case .json: ("JSON", "json", "application/json")
        case .ndjson: ("NDJSON", "ndjson", "application/x-ndjson")
        case .junit: ("JUnit", "xml", "application/xml")
        case .metrics: ("Metrics", "prom", "text/plain; version=0.0.4; charset=utf-8")
        case .sarif: ("SARIF", "sarif", "application/json")
        case .oscal: ("OSCAL", "oscal.json", "application/json")
        }
    }
}

extension ComplianceReport {
    /// Writes the report in one format, piece by piece; the only place that matches the formats.
    package func write(
        as format: ComplianceFormat, width: Int? = nil, color: Bool = false, to output: inout some TextOutputStream
    ) {
        switch format {
        case .table: output.write(text(width: width, color: color))
        case .json: JSONText.write(json, to: &output)
        case .ndjson: writeRecords(to: &output)
        case .csv: writeCSV(to: &output)
        case .findingsCSV: writeFindingsCSV(to: &output)
        case .markdown: output.write(markdown)
        case .html: writeHTML(to: &output)
        case .junit: writeJUnit(to: &output)
        case .metrics: output.write(metrics)
        case .sarif: JSONText.write(sarif, to: &output)
        case .oscal: JSONText.write(oscal, to: &output)
        }
    }

    /// The report in one format, whole.
    package func rendered(as format: ComplianceFormat, width: Int? = nil, color: Bool = false) -> String {
        var text = ""
        write(as: format, width: width, color: color, to: &text)
        return text
    }
}
