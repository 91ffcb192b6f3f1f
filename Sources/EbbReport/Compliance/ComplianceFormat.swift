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
    /// The report in one format; the only place that matches `ComplianceFormat`.
    package func rendered(
        as format: ComplianceFormat, width: Int? = nil, colour: Bool = false
    ) -> String {
        switch format {
        case .table: text(width: width, colour: colour)
        case .json: JSONText.document(json)
        case .ndjson: records.map { JSONText.line($0) + "\n" }.joined()
        case .csv: csv
        case .findingsCSV: findingsCSV
        case .markdown: markdown
        case .html: html
        case .junit: junit
        case .metrics: metrics
        case .sarif: JSONText.document(sarif)
        case .oscal: JSONText.document(oscal)
        }
    }
}
