import EbbCompliance
import EbbReport
import EbbStore
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// What other programs take away.
extension Site {
    /// The exports of the compliance page, by name and address.
    var exports: [(name: String, address: String)] {
        ComplianceFormat.allCases.filter(\.isDownload).map { format in
            (name: format.title, address: "/compliance/export/\(format.rawValue)")
        }
    }

    func addExports(to router: Router<Context>) {
        router.get("/compliance/export/:format") { _, context in
            guard let format = context.parameters.get("format", as: ComplianceFormat.self), format.isDownload else {
                throw Refusal.notFound
            }
            let report = try await report()
            let day = JSONText.instant(report.generatedAt).prefix(10)
            let file = "ebb-compliance-\(day).\(format.fileExtension)"
            return Response(
                format.mediaType, report.rendered(as: format),
                headers: [.contentDisposition: "attachment; filename=\"\(file)\""])
        }
        router.get("/metrics") { _, _ in
            let format = ComplianceFormat.metrics
            return Response(format.mediaType, try await report().rendered(as: format))
        }
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
