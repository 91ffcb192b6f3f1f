package import EbbClassifier
import EbbCompliance
package import EbbModel
package import EbbReport
package import EbbStore
package import FoundationEssentials

extension Store {
    /// Judges hosts from what is stored, as things stand, or as they were known at `asOf`.
    ///
    /// Either way by today's inventory: what it declares and accepts, with the catalogue's presets.
    ///
    /// With a `period`, in seconds, also the paths at risk per day of that time.
    package func complianceReport(
        of hosts: [HostSettings], catalogue: Catalogue, toolVersion: String, asOf: Date? = nil, now: Date = Date(),
        period: Double? = nil
    ) async throws -> ComplianceReport {
        let names = hosts.map(\.host)
        let end = asOf ?? now
        let facts = try await complianceFacts(
            for: names, asOf: asOf,
            acceptances: Dictionary(hosts.map { ($0.host, $0.accept) }, uniquingKeysWith: { first, _ in first }),
            now: now)
        let judged = zip(hosts, facts).map { settings, facts in
            ComplianceJudge(
                policy: settings.compliance, declaredStrategy: settings.root?.strategy, now: end,
                declared: settings.persistenceSet(catalogue)
            ).judge(facts, groups: settings.groups)
        }
        let start = period.map { end.addingTimeInterval(-$0) }
        let trend = start == nil ? [] : try await driftTrend(for: names, from: start ?? end, to: end)
        let head = try await chainHead()
        return ComplianceReport(
            generatedAt: now, asOf: asOf, periodStart: start,
            provenance: ComplianceReport.Provenance(
                toolVersion: toolVersion, inventoryHash: try Digest.sha256(of: hosts),
                policyHash: try Digest.sha256(of: hosts.lazy.map(\.compliance)), chainLength: Int(head.length),
                chainHead: head.hash), hosts: judged, trend: trend)
    }
}
