/// The formats of a compliance export.
///
/// A new one is a case here, its line in `facts`, its line in `write`, and a file that writes it.
package enum ComplianceFormat: String, Sendable, CaseIterable {
    /// For a terminal.
    case table
    case csv
    /// One record per finding instead of one per host.
    case findingsCSV = "findings-csv"
    case html, markdown, json, ndjson, junit, sarif, oscal
    /// Prometheus and OpenMetrics text.
    case metrics

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
        case .json: writeJSON(to: &output)
        case .ndjson: writeRecords(to: &output)
        case .csv: writeCSV(to: &output)
        case .findingsCSV: writeFindingsCSV(to: &output)
        case .markdown: output.write(markdown)
        case .html: writeHTML(to: &output)
        case .junit: writeJUnit(to: &output)
        case .metrics: output.write(metrics)
        case .sarif: writeSARIF(to: &output)
        case .oscal: writeOSCAL(to: &output)
        }
    }

    /// The report in one format, whole.
    package func rendered(as format: ComplianceFormat, width: Int? = nil, color: Bool = false) -> String {
        var text = ""
        write(as: format, width: width, color: color, to: &text)
        return text
    }
}
