import EbbCompliance
import EbbModel
import EbbReport
import EbbStore
import FoundationEssentials

/// Judges the selected hosts from what is stored; asks no host.
struct ComplianceSurvey: Sendable {
    let fleet: Fleet

    /// The report as things stand, or as they were known at `asOf`.
    func report(asOf: Date? = nil) async throws -> ComplianceReport {
        let store = try await fleet.store()
        let now = Date()
        let hosts = fleet.selected
        let facts = try await store.complianceFacts(for: hosts.map(\.host), asOf: asOf)
        let judged = zip(hosts, facts).map { settings, facts in
            ComplianceJudge(
                policy: settings.compliance, declaredStrategy: settings.root?.strategy,
                now: asOf ?? now
            ).judge(facts, groups: settings.groups)
        }
        let head = try await store.chainHead()
        return ComplianceReport(
            generatedAt: now, asOf: asOf,
            provenance: ComplianceReport.Provenance(
                toolVersion: EbbCommand.version,
                inventoryHash: Digest.sha256(try JSONText.encoded(hosts)),
                policyHash: Digest.sha256(try JSONText.encoded(hosts.map(\.compliance))),
                chainLength: Int(head.length), chainHead: head.hash),
            hosts: judged)
    }
}
