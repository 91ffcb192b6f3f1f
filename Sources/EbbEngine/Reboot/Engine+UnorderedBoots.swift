import EbbModel
import EbbPlan
import EbbStore

/// Boots that Ebb did not order: noticed by their boot id, judged by canaries that were left before.
extension Engine {
    /// Judges the boot that a host was found in, if nobody ordered it and canaries were left for it.
    ///
    /// What stays undecided is recorded and judged again by the next observation: only a decision
    /// ends it, by leaving canaries in the boot itself.
    ///
    /// - Returns: What the boot proves; `nil` where there is nothing new to judge.
    func judgeUnorderedBoot(
        _ settings: HostSettings, _ observation: Observation, declared: [DeclaredFinding], _ comparison: BootComparison?
    ) async throws(StoreError) -> AttemptEnd? {
        let host = settings.host
        guard let boot = observation.facts.bootID, let strategy = settings.root?.strategy, strategy != .none,
            let planted = try await store.latestCanaries(of: host), planted.boot != boot,
            try await !store.isBeingRebooted(host)
        else { return nil }
        let boots = try await store.boots(of: host, limit: 20)
        guard let known = boots.first(where: { $0.bootID == boot }), known.attempt == nil,
            let before = try await store.facts(of: host, during: planted.boot)
        else { return nil }

        let judgement = try await judgeBoot(
            observation, declared: declared, settings: settings, before: before, canaries: planted.canaries,
            comparison: comparison, isOrdered: false)
        let end = judgement.end
        guard let verdict = end.verdict else { return nil }
        // What happened in boots that nobody saw, and in those that were seen and not judged, the
        // canaries cannot tell apart from what happened in this one.
        let between = boots.filter {
            $0.bootID != boot && $0.bootID != planted.boot && $0.firstSeen > planted.plantedAt
        }
        var reasons = ["Ebb did not order this boot; the canaries are of boot \(planted.boot)"]
        if !between.isEmpty { reasons.append("\(between.count) boots in between were seen and not judged") }
        let judged = BootVerdict(
            erasure: between.isEmpty || verdict.erasure != .erased ? verdict.erasure : .unknown,
            retention: verdict.retention, census: verdict.census, reasons: reasons + verdict.reasons)
        if judged != known.verdict {
            try await store.recordBootVerdict(host: host, boot, judged, at: clock.date(), parts: judgement.parts)
        }
        if end.reason.state != .inconclusive { try await leaveStandingCanaries(settings, in: boot) }
        return AttemptEnd(end.reason, end.message, verdict: judged)
    }
}
