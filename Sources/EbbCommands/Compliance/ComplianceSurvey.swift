import EbbCompliance
import EbbEngine
import EbbModel
import EbbReport
import EbbStore
import FoundationEssentials

/// Judges the selected hosts from what is stored; asks no host.
struct ComplianceSurvey: Sendable {
    let fleet: Fleet

    /// The report as things stand, or as they were known at `asOf`.
    ///
    /// With a `period`, in seconds, also the paths at risk per day of that time.
    func report(
        asOf: Date? = nil, now: Date = Date(), period: Double? = nil
    ) async throws -> ComplianceReport {
        let store = try await fleet.store()
        let hosts = fleet.selected
        let names = hosts.map(\.host)
        let facts = try await store.complianceFacts(for: names, asOf: asOf)
        let end = asOf ?? now
        let judged = zip(hosts, facts).map { settings, facts in
            ComplianceJudge(
                policy: settings.compliance, declaredStrategy: settings.root?.strategy, now: end
            ).judge(facts, groups: settings.groups)
        }
        var trend: [ComplianceReport.TrendPoint] = []
        if let period {
            trend = try await store.driftTrend(
                for: names, from: end.addingTimeInterval(-period), to: end
            ).map { day in
                ComplianceReport.TrendPoint(
                    at: day.day, unexplained: day.unexplained, leaked: day.leaked)
            }
        }
        let head = try await store.chainHead()
        return ComplianceReport(
            generatedAt: now, asOf: asOf,
            periodStart: period.map { end.addingTimeInterval(-$0) },
            provenance: ComplianceReport.Provenance(
                toolVersion: EbbCommand.version,
                inventoryHash: try Digest.sha256(of: hosts),
                policyHash: try Digest.sha256(of: hosts.lazy.map(\.compliance)),
                chainLength: Int(head.length), chainHead: head.hash),
            hosts: judged, trend: trend)
    }
}
