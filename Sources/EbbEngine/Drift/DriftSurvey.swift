import EbbClassifier
package import EbbModel
import EbbPlan
package import EbbReport
package import EbbStore
import EbbTransport
import FoundationEssentials

/// Turns observations of hosts, fresh or stored, into the lines of a drift report.
package struct DriftSurvey: Sendable {
    private let store: Store
    /// Only paths that the host's observation before did not have.
    private let onlyNew: Bool
    private let verdicts: Set<PathVerdict>
    /// Whether a directory that is new as a whole stands for what is in it.
    private let folds: Bool

    package init(_ store: Store, onlyNew: Bool = false, allVerdicts: Bool = false, folds: Bool = true) {
        (self.store, self.onlyNew, self.folds) = (store, onlyNew, folds)
        verdicts = Set(PathVerdict.allCases.filter { allVerdicts || $0.isAtRisk })
    }

    /// Observes the hosts now; what is seen is stored before it is shown.
    package func observed(_ hosts: [HostSettings], by engine: Engine, quick: Bool = false) async throws -> [DriftReport
        .Host]
    {
        let seen = try await engine.each(hosts) { settings throws(StoreError) in
            try await engine.observe(settings, kind: .drift, quick: quick)
        }
        var reports: [HostName: DriftReport.Host] = [:]
        for look in seen.done { reports[look.settings.host] = try await report(of: look) }
        for (host, error) in seen.failed {
            reports[host] = DriftReport.Host(host: host, outcome: .failed, gaps: [ProbeGap(error)])
        }
        return hosts.compactMap { reports[$0.host] }
    }

    /// Shows what was stored last of each host.
    package func stored(_ hosts: [HostSettings]) async throws -> [DriftReport.Host] {
        var reports: [DriftReport.Host] = []
        for settings in hosts {
            guard let last = try await store.latestObservation(of: settings.host) else {
                let gap = ProbeGap.neverObserved
                reports.append(DriftReport.Host(host: settings.host, outcome: .skipped, gaps: [gap]))
                continue
            }
            let counts = last.judgement?.counts ?? DriftCounts([])
            let seen = last.observation
            reports.append(
                DriftReport.Host(
                    host: last.host, outcome: seen?.isReachable == true ? .ok : .unreachable, strategy: seen?.strategy,
                    bootID: last.bootID, observedAt: last.observedAt, counts: Self.counts(counts),
                    bytes: Self.bytes(counts), lines: try await lines(of: last.host),
                    declared: last.judgement?.declared ?? [],
                    gaps: seen?.gaps ?? [ProbeGap(probe: "store", reason: .truncated, message: "it was not judged")]))
        }
        return reports
    }

    private func report(of look: HostObservation) async throws -> DriftReport.Host {
        let seen = look.observation
        guard look.transportError?.code.isBeforeCommand != true else {
            return DriftReport.Host(
                host: seen.host, outcome: .unreachable, observedAt: seen.observedAt, gaps: seen.gaps,
                duration: look.duration)
        }
        var report = DriftReport.Host(
            host: seen.host, outcome: .ok, strategy: seen.strategy, bootID: seen.facts.bootID,
            observedAt: seen.observedAt, counts: Self.counts(look.counts), bytes: Self.bytes(look.counts),
            lines: try await lines(of: seen.host), declared: look.declared, gaps: seen.gaps, duration: look.duration)
        report.prediction = look.comparison
        report.unorderedBoot = look.unorderedBoot?.verdict
        return report
    }

    private func lines(of host: HostName) async throws -> [DriftReport.Line] {
        let newest = onlyNew ? try await store.latestJudgement(of: host)?.id : nil
        var lines: [DriftReport.Line] = []
        var folding = Folding()
        var seen: [Date] = []
        var page = try await store.driftPage(of: host, verdicts: verdicts)
        while !page.isEmpty {
            for stored in page where newest == nil || stored.firstObservation == newest?.value {
                if !folds {
                    lines.append(
                        DriftReport.Line(
                            entry: stored.entry, size: stored.entry.change.size, firstSeen: stored.firstSeen))
                } else if folding.add(stored.entry) {
                    seen.append(stored.firstSeen)
                }
            }
            page = try await store.driftPage(of: host, verdicts: verdicts, after: page.last)
        }
        guard folds else { return lines }
        return zip(folding.folded, seen).map { folded, seen in
            // A folded directory is as delicate as the most delicate thing in it.
            let entry = folded.entry
            return DriftReport.Line(
                entry: DriftEntry(
                    change: entry.change, verdict: entry.verdict, stateClass: folded.stateClass, reason: entry.reason,
                    suggestion: entry.suggestion), entryCount: folded.entryCount, size: folded.size, firstSeen: seen)
        }
    }

    static func counts(_ counts: DriftCounts) -> [PathVerdict: Int] {
        Dictionary(uniqueKeysWithValues: PathVerdict.allCases.map { ($0, counts.count(of: $0)) })
    }

    private static func bytes(_ counts: DriftCounts) -> [PathVerdict: Int64] {
        Dictionary(uniqueKeysWithValues: PathVerdict.allCases.filter(\.isAtRisk).map { ($0, counts.bytes(of: $0)) })
    }
}
