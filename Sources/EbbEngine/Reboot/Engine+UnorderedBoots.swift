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
        let undecided = try await undecidedAttempt(behind: planted)
        let ordered = undecided.flatMap { $0.bootIDAfter == nil || $0.bootIDAfter == boot ? $0 : nil }
        guard let known = boots.first(where: { $0.bootID == boot }),
            known.attempt == nil || known.attempt == ordered?.id,
            let before = try await store.facts(of: host, during: planted.boot)
        else { return nil }

        let judgement = try await judgeBoot(
            observation, declared: declared, settings: settings, before: before, canaries: planted.canaries,
            comparison: comparison, isOrdered: ordered != nil)
        let end = judgement.end
        guard let verdict = end.verdict else { return nil }
        // Another process may have judged the boot meanwhile, and left canaries for the next one.
        guard try await store.latestCanaries(of: host) == planted else { return nil }
        // What happened in boots that nobody saw, and in those that were seen and not judged, the
        // canaries cannot tell apart from what happened in this one.
        let between = boots.filter {
            $0.bootID != boot && $0.bootID != planted.boot && $0.firstSeen > planted.plantedAt
        }
        var reasons = [
            ordered.map {
                "attempt \($0.id.value) of rollout \($0.rollout.value) ordered this boot, and was not decided"
            } ?? "Ebb did not order this boot; the canaries are of boot \(planted.boot)"
        ]
        if !between.isEmpty { reasons.append("\(between.count) boots in between were seen and not judged") }
        let judged = BootVerdict(
            erasure: between.isEmpty || verdict.erasure != .erased ? verdict.erasure : .unknown,
            retention: verdict.retention, census: verdict.census, reasons: reasons + verdict.reasons)
        if judged != known.verdict {
            try await store.recordBootVerdict(
                host: host, boot, judged, attempt: ordered?.id, at: clock.date(), parts: judgement.parts)
        }
        // An attempt that is not decided is judged by its own canaries: nothing takes their place before.
        if end.reason.state != .inconclusive, undecided == nil { try await leaveStandingCanaries(settings, in: boot) }
        return AttemptEnd(end.reason, end.message, verdict: judged)
    }

    /// The attempt that left canaries and is not decided yet: the boot after them is its own.
    private func undecidedAttempt(behind planted: PlantedCanaries) async throws(StoreError) -> StoredAttempt? {
        guard let id = planted.attempt else { return nil }
        let attempt = try await store.attempt(id)
        return attempt.state == .inconclusive && attempt.override == nil ? attempt : nil
    }
}
