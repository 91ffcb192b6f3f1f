import EbbCompliance
import EbbReport
import EbbStore
import FoundationEssentials

/// What other programs take away.
extension Site {
    /// The exports of the compliance page, by name and address.
    static let exports: [(name: String, address: String)] = formats.map { format in
        (name: format.name, address: "/compliance/export/\(format.format.rawValue)")
    }

    private static let formats: [(format: ComplianceFormat, name: String, type: String)] = [
        (.csv, "CSV, a row per host", "text/csv; charset=utf-8"),
        (.findingsCSV, "CSV, a row per finding", "text/csv; charset=utf-8"),
        (.html, "Report to print", "text/html; charset=utf-8"),
        (.markdown, "Markdown", "text/markdown; charset=utf-8"),
        (.json, "JSON", "application/json"),
        (.ndjson, "NDJSON", "application/x-ndjson"),
        (.junit, "JUnit", "application/xml"),
        (.sarif, "SARIF", "application/json"),
        (.oscal, "OSCAL", "application/json"),
    ]

    /// The compliance of the fleet in one format, as a file to keep; `nil` for no known format.
    func export(_ name: Substring) async throws -> SiteResponse? {
        guard let format = Self.formats.first(where: { $0.format.rawValue == name }) else {
            return nil
        }
        let report = try await report()
        let day = JSONText.instant(report.generatedAt).prefix(10)
        let file = "ebb-compliance-\(day).\(format.format.fileExtension)"
        return SiteResponse(
            type: format.type,
            headers: ["content-disposition": "attachment; filename=\"\(file)\""],
            body: Array(report.rendered(as: format.format).utf8))
    }

    /// The compliance of the fleet for Prometheus.
    func metrics() async throws -> SiteResponse {
        SiteResponse(
            type: "text/plain; version=0.0.4; charset=utf-8",
            body: Array(try await report().rendered(as: .metrics).utf8))
    }

    private func report() async throws -> ComplianceReport {
        let snapshot = try await reader.snapshot()
        let head = try await reader.store.chainHead()
        return ComplianceReport(
            generatedAt: snapshot.readAt,
            provenance: ComplianceReport.Provenance(
                toolVersion: version, chainLength: head.length, chainHead: head.hash),
            hosts: snapshot.hosts.map(\.compliance))
    }
}
