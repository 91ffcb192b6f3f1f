import EbbClassifier
import EbbEngine
import EbbModel
import EbbPlan
import EbbReport
import EbbStore
import EbbTransport
import FoundationEssentials

/// Turns looks at hosts, fresh or stored, into the lines of a drift report.
struct DriftView: Sendable {
    let store: Store
    let onlyNew: Bool
    let allVerdicts: Bool
    let folds: Bool
    var quick = false

    /// Looks at the hosts now; the results are stored before they are shown.
    func collected(
        _ hosts: [HostSettings], by engine: Engine
    ) async throws -> [DriftReport.Host] {
        let quick = quick
        let looks = try await engine.each(hosts) { settings throws(StoreError) in
            try await engine.observe(settings, kind: .drift, quick: quick)
        }
        var reports: [HostName: DriftReport.Host] = [:]
        for look in looks.done { reports[look.settings.host] = try await report(of: look) }
        for (host, error) in looks.failed {
            let gap = ProbeGap(probe: "store", reason: .failed, message: error.description)
            reports[host] = DriftReport.Host(host: host, outcome: .failed, gaps: [gap])
        }
        return hosts.compactMap { reports[$0.host] }
    }

    /// Shows what was stored last of each host.
    func stored(_ hosts: [HostSettings]) async throws -> [DriftReport.Host] {
        var reports: [DriftReport.Host] = []
        for settings in hosts {
            guard let stored = try await store.latestObservation(of: settings.host) else {
                let gap = ProbeGap(
                    probe: "store", reason: .notConfigured, message: "it was never looked at")
                reports.append(
                    DriftReport.Host(host: settings.host, outcome: .skipped, gaps: [gap]))
                continue
            }
            reports.append(try await report(of: stored))
        }
        return reports
    }

    private func report(of look: HostLook) async throws -> DriftReport.Host {
        let seen = look.observation
        let host = seen.host
        guard look.transportError?.code.isBeforeCommand != true else {
            return DriftReport.Host(
                host: host, outcome: .unreachable, observedAt: seen.observedAt, gaps: seen.gaps,
                duration: look.duration)
        }
        let counts = look.counts
        var report = DriftReport.Host(
            host: host, outcome: .ok, strategy: seen.strategy, bootID: seen.facts.bootID,
            observedAt: seen.observedAt, counts: Self.counts(counts), bytes: Self.bytes(counts),
            lines: try await lines(of: host), declared: look.declared, gaps: seen.gaps,
            duration: look.duration)
        report.prediction = look.comparison
        report.unorderedBoot = look.unorderedBoot?.verdict
        return report
    }

    private func report(of stored: StoredObservation) async throws -> DriftReport.Host {
        let counts = stored.judgement?.counts ?? DriftCounts([])
        let isReachable = stored.observation?.isReachable ?? false
        return DriftReport.Host(
            host: stored.host, outcome: isReachable ? .ok : .unreachable,
            strategy: stored.observation?.strategy, bootID: stored.bootID,
            observedAt: stored.observedAt, counts: Self.counts(counts),
            bytes: Self.bytes(counts), lines: try await lines(of: stored.host),
            declared: stored.judgement?.declared ?? [],
            gaps: stored.observation?.gaps
                ?? [ProbeGap(probe: "store", reason: .truncated, message: "it was not judged")])
    }

    private func lines(of host: HostName) async throws -> [DriftReport.Line] {
        let verdicts = Set(PathVerdict.allCases.filter { allVerdicts || $0.isAtRisk })
        let newest = onlyNew ? try await store.latestJudgement(of: host)?.id : nil
        var lines: [DriftReport.Line] = []
        var folding = Folding()
        var seen: [Date] = []
        var page = try await store.driftPage(of: host, verdicts: verdicts)
        while !page.isEmpty {
            for stored in page where newest == nil || stored.firstObservation == newest {
                if !folds {
                    lines.append(
                        DriftReport.Line(
                            entry: stored.entry, size: stored.entry.change.size,
                            firstSeen: stored.firstSeen))
                } else if folding.add(stored.entry) {
                    seen.append(stored.firstSeen)
                }
            }
            page = try await store.driftPage(of: host, verdicts: verdicts, after: page.last)
        }
        guard folds else { return lines }
        return zip(folding.folded, seen).map { folded, seen in
            DriftReport.Line(
                entry: Self.entry(folded), entryCount: folded.entryCount, size: folded.size,
                firstSeen: seen)
        }
    }

    /// A folded directory is as delicate as the most delicate thing in it.
    private static func entry(_ folded: FoldedEntry) -> DriftEntry {
        let entry = folded.entry
        return DriftEntry(
            change: entry.change, verdict: entry.verdict, stateClass: folded.stateClass,
            reason: entry.reason, suggestion: entry.suggestion)
    }

    private static func counts(_ counts: DriftCounts) -> [PathVerdict: Int] {
        Dictionary(
            uniqueKeysWithValues: PathVerdict.allCases.map { ($0, counts.count(of: $0)) })
    }

    private static func bytes(_ counts: DriftCounts) -> [PathVerdict: Int64] {
        Dictionary(
            uniqueKeysWithValues: PathVerdict.allCases.filter(\.isAtRisk)
                .map { ($0, counts.bytes(of: $0)) })
    }
}
