/// The formats of a compliance export.
package enum ComplianceFormat: String, Sendable, CaseIterable {
    /// For a terminal.
    case table
    case json, ndjson, csv
    /// One record per finding instead of one per host.
    case findingsCSV = "findings-csv"
    case markdown, html, junit
    /// Prometheus and OpenMetrics text.
    case metrics
    case sarif, oscal

    /// What a file of the format is usually called at its end.
    package var fileExtension: String {
        switch self {
        case .table: "txt"
        case .json: "json"
        case .ndjson: "ndjson"
        case .csv, .findingsCSV: "csv"
        case .markdown: "md"
        case .html: "html"
        case .junit: "xml"
        case .metrics: "prom"
        case .sarif: "sarif"
        case .oscal: "oscal.json"
        }
    }
}

extension ComplianceReport {
    /// Writes the report in one format, piece by piece; the only place that matches the formats.
    package func write(
        as format: ComplianceFormat, width: Int? = nil, color: Bool = false,
        to output: inout some TextOutputStream
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
    package func rendered(
        as format: ComplianceFormat, width: Int? = nil, color: Bool = false
    ) -> String {
        var text = ""
        write(as: format, width: width, color: color, to: &text)
        return text
    }
}
