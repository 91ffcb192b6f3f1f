package import EbbClassifier
package import EbbModel
import EbbPlan
package import EbbReport
package import EbbStore
import EbbTransport
package import FoundationEssentials

/// Turns observations of hosts, fresh or stored, into the lines of a drift report.
package struct DriftSurvey: Sendable {
    let store: Store
    /// Only paths that the host's observation before did not have.
    private let onlyNew: Bool
    private let verdicts: Set<PathVerdict>
    /// Whether a directory that is new as a whole stands for what is in it.
    private let folds: Bool
    /// Where the presets are that hosts may name.
    private let catalogue: Catalogue

    package init(
        _ store: Store, onlyNew: Bool = false, allVerdicts: Bool = false, folds: Bool = true,
        catalogue: Catalogue = .builtIn
    ) {
        (self.store, self.onlyNew, self.folds, self.catalogue) = (store, onlyNew, folds, catalogue)
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
        for look in seen.done { reports[look.settings.host] = try await report(of: look, at: engine.clock.date()) }
        for (host, error) in seen.failed {
            reports[host] = DriftReport.Host(host: host, outcome: .failed, gaps: [ProbeGap(error)])
        }
        return hosts.compactMap { reports[$0.host] }
    }

    /// Shows what was stored last of each host, by today's acceptances.
    ///
    /// Of a host that was not reached that is what was known before, and says so.
    package func stored(_ hosts: [HostSettings], now: Date = Date()) async throws -> [DriftReport.Host] {
        var reports: [DriftReport.Host] = []
        for settings in hosts {
            guard let last = try await store.latestObservation(of: settings.host) else {
                let gap = ProbeGap.neverObserved
                reports.append(DriftReport.Host(host: settings.host, outcome: .skipped, gaps: [gap]))
                continue
            }
            let seen = last.observation
            let gaps = seen?.gaps ?? [ProbeGap(probe: "store", reason: .truncated, message: "it was not judged")]
            guard seen?.isReachable == true else {
                let silent = DriftReport.Host(
                    host: last.host, outcome: .unreachable, strategy: seen?.strategy, bootID: last.bootID,
                    observedAt: last.observedAt, gaps: gaps)
                reports.append(try await withLastKnown(silent, settings, now: now))
                continue
            }
            let counts = last.judgement?.counts ?? DriftCounts([])
            var report = DriftReport.Host(
                host: last.host, outcome: .ok, strategy: seen?.strategy, bootID: last.bootID,
                observedAt: last.observedAt, counts: Self.counts(counts), bytes: Self.bytes(counts),
                lines: try await lines(of: settings, now: now), declared: last.judgement?.declared ?? [],
                gaps: gaps + Self.notAsked(settings, catalogue, last))
            if counts.count(of: .accepted) > 0 { try await judgeAgain(&report, settings, now: now) }
            try await addBoot(to: &report)
            reports.append(report)
        }
        return reports
    }

    /// What the inventory asks today that an observation did not ask: of that nothing is known, and what it said
    /// by what was declared then may not hold.
    private static func notAsked(_ settings: HostSettings, _ catalogue: Catalogue, _ last: StoredObservation)
        -> [ProbeGap]
    {
        func gap(_ words: String) -> ProbeGap {
            ProbeGap(probe: "store", reason: .notAsked, message: words + ": `ebb drift` observes the host anew")
        }
        let then = Set((last.judgement?.declared ?? []).map(\.entry.path))
        let now = Set(settings.persistenceSet(catalogue).map(\.path))
        let asked = last.observation?.facts?.erasedPlaces ?? [:]
        let mounted = Set((last.observation?.facts?.mounts ?? []).map(\.mountPoint))
        return now.subtracting(then).sorted().map { gap("\($0) was not declared when the host was observed") }
            + then.subtracting(now).sorted().map { gap("\($0) is not declared any more") }
            + (settings.root?.erases ?? []).filter { asked[$0] == nil && mounted.contains(BytePath($0)) }.map {
                gap("what lies in \($0), which a boot erases, was not listed when the host was observed")
            }
    }

    /// Gives a host that does not answer the drift that was known of it last.
    private func withLastKnown(_ silent: DriftReport.Host, _ settings: HostSettings, now: Date) async throws
        -> DriftReport.Host
    {
        guard let seen = try await store.latestSighting(of: settings.host) else { return silent }
        var report = silent
        report.driftAt = seen.observedAt
        report.strategy = report.strategy ?? seen.observation?.strategy
        report.declared = seen.judgement?.declared ?? []
        report.lines = try await lines(of: settings, now: now, isSilent: true)
        let age = TimeSpan.text(max(0, Int(now.timeIntervalSince(seen.observedAt)) / 60 * 60))
        report.gaps.append(
            ProbeGap(
                probe: "store", reason: .unreachable,
                message: "its drift is shown as it was \(age) ago, at \(JSONText.instant(seen.observedAt))"))
        var counts = DriftCounts([])
        let again = Again(settings, now: now)
        try await forEachStored(of: settings.host, Set(PathVerdict.allCases), isSilent: true) {
            counts.add(again.judged($0).entry)
        }
        (report.counts, report.bytes) = (Self.counts(counts), Self.bytes(counts))
        return report
    }

    /// Moves what is no longer accepted to what is unexplained.
    private func judgeAgain(_ report: inout DriftReport.Host, _ settings: HostSettings, now: Date) async throws {
        let again = Again(settings, now: now)
        var moved = DriftCounts([])
        try await forEachStored(of: settings.host, [.accepted]) { moved.add(again.judged($0).entry) }
        report.counts[.accepted] = moved.count(of: .accepted)
        report.counts[.unexplained, default: 0] += moved.count(of: .unexplained)
        report.bytes[.unexplained] = (report.bytes[.unexplained] ?? 0).addingClamped(moved.bytes(of: .unexplained))
    }

    /// Stored paths by what is accepted today.
    private struct Again {
        private let losses: AcceptedLosses
        private let today: CalendarDate

        init(_ settings: HostSettings, now: Date) {
            losses = AcceptedLosses(settings.accept)
            today = CalendarDate(utc: now)
        }

        func judged(_ stored: DriftInterval) -> DriftInterval {
            stored.entry.verdict == .accepted ? stored.replacing(stored.entry.rejudged(by: losses, on: today)) : stored
        }
    }

    /// Goes through what the newest judgement named, or through all that is not known to be gone.
    private func forEachStored(
        of host: HostName, _ verdicts: Set<PathVerdict>, isSilent: Bool = false, _ body: (DriftInterval) -> Void
    ) async throws {
        var last: DriftInterval?
        while true {
            let page =
                isSilent
                ? try await store.openDrift(of: host, verdicts: verdicts, after: last, limit: 2_000)
                : try await store.driftPage(of: host, verdicts: verdicts, after: last)
            if page.isEmpty { return }
            page.forEach(body)
            last = page.last
        }
    }

    private func report(of look: HostObservation, at now: Date) async throws -> DriftReport.Host {
        let seen = look.observation
        guard look.transportError?.code.isBeforeCommand != true else {
            let silent = DriftReport.Host(
                host: seen.host, outcome: .unreachable, observedAt: seen.observedAt, gaps: seen.gaps,
                duration: look.duration)
            return try await withLastKnown(silent, look.settings, now: now)
        }
        var report = DriftReport.Host(
            host: seen.host, outcome: .ok, strategy: seen.strategy, bootID: seen.facts.bootID,
            observedAt: seen.observedAt, counts: Self.counts(look.counts), bytes: Self.bytes(look.counts),
            lines: try await lines(of: look.settings, now: now), declared: look.declared, gaps: seen.gaps,
            duration: look.duration)
        report.prediction = look.comparison
        report.unorderedBoot = look.unorderedBoot?.verdict
        try await addBoot(to: &report)
        return report
    }

    /// Adds what is on record of the boot that the host runs.
    private func addBoot(to report: inout DriftReport.Host) async throws {
        guard let boot = report.bootID else { return }
        let known = try await store.boots(of: report.host, limit: 20).first { $0.bootID == boot }
        report.boot = report.unorderedBoot ?? known?.verdict
        report.undecided = try await store.openContent(of: report.host, in: boot).undecided
        if let id = known?.attempt {
            let attempt = try await store.attempt(id)
            report.isOverridden = attempt.override != nil
            report.attempt = attempt.override == nil ? attempt.state : nil
        }
    }

    private func lines(of settings: HostSettings, now: Date, isSilent: Bool = false) async throws -> [DriftReport.Line]
    {
        let newest = onlyNew ? try await store.latestJudgement(of: settings.host)?.id : nil
        let again = Again(settings, now: now)
        var lines: [DriftReport.Line] = []
        var folding = Folding()
        var seen: [Date] = []
        try await forEachStored(of: settings.host, verdicts.union([.accepted]), isSilent: isSilent) { stored in
            let stored = again.judged(stored)
            guard verdicts.contains(stored.entry.verdict), newest == nil || stored.firstObservation == newest?.value
            else { return }
            if !folds {
                lines.append(
                    DriftReport.Line(entry: stored.entry, size: stored.entry.change.size, firstSeen: stored.firstSeen))
            } else if folding.add(stored.entry) {
                seen.append(stored.firstSeen)
            }
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
