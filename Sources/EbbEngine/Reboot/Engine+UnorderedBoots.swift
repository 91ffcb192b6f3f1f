import EbbModel
import EbbPlan
import EbbStore

/// Boots that Ebb did not order: noticed by their boot id, judged by what was left and written down before.
extension Engine {
    /// Judges the boot that a host was found in, if nobody ordered it and something is on record of a boot before:
    /// canaries that were left for it, or a census.
    ///
    /// What stays undecided is recorded and judged again by the next observation: only a decision
    /// ends it, by leaving canaries in the boot itself. As long as declared content is not as on record, that
    /// decision is a person's, or the content is put back.
    ///
    /// - Returns: What the boot proves; `nil` where there is nothing new to judge.
    func judgeUnorderedBoot(
        _ settings: HostSettings, _ observation: Observation, declared: [DeclaredFinding], _ comparison: BootComparison?
    ) async throws(StoreError) -> AttemptEnd? {
        let host = settings.host
        guard let boot = observation.facts.bootID, let strategy = settings.root?.strategy, strategy != .none,
            try await !store.isBeingRebooted(host)
        else { return nil }
        let planted = try await store.latestCanaries(of: host)
        let boots = try await store.boots(of: host, limit: 20)
        let undecided = try await undecidedAttempt(behind: planted)
        let ordered = undecided.flatMap { $0.bootIDAfter == nil || $0.bootIDAfter == boot ? $0 : nil }
        guard planted?.boot != boot, let known = boots.first(where: { $0.bootID == boot }),
            known.attempt == nil || known.attempt == ordered?.id
        else { return nil }
        let held =
            ordered == nil
            ? try await lastCensus(of: declared.map(\.entry), on: host, before: boot, boots, planted?.boot) : nil
        guard let base = planted?.boot ?? held?.boot, let before = try await store.facts(of: host, during: base) else {
            return nil
        }

        let questions = try await questions(of: host, in: known, before: boots)
        let judgement = try await judgeBoot(
            observation, declared: declared, settings: settings, before: before, canaries: planted?.canaries ?? [],
            comparison: comparison, older: ordered == nil ? held?.census ?? Census(takenAt: 0) : nil,
            missed: Set(questions.map(\.path)))
        let end = judgement.end
        guard let verdict = end.verdict else { return nil }
        // Without canaries only content can be told, and most of it is as it was.
        let census = questions.asked(again: verdict.census, of: declared.map(\.entry))
        if planted == nil, (census ?? []).allSatisfy({ !$0.isUndecided }), known.verdict == nil { return nil }
        // Another process may have judged the boot meanwhile, and left canaries for the next one.
        guard try await store.latestCanaries(of: host) == planted else { return nil }
        // What happened in boots that nobody saw, and in those that were seen and not judged, the
        // canaries cannot tell apart from what happened in this one.
        let between = boots.filter { other in
            planted.map { other.bootID != boot && other.bootID != $0.boot && other.firstSeen > $0.plantedAt } ?? false
        }
        var reasons = [
            ordered.map {
                "attempt \($0.id.value) of rollout \($0.rollout.value) ordered this boot, and was not decided"
            } ?? "Ebb did not order this boot; "
                + (planted.map { "the canaries are of boot \($0.boot)" } ?? "no canaries were left before it")
        ]
        if !between.isEmpty { reasons.append("\(between.count) boots in between were seen and not judged") }
        if let held, held.boot != planted?.boot { reasons.append("the census is of boot \(held.boot)") }
        let judged = BootVerdict(
            erasure: between.isEmpty || verdict.erasure != .erased ? verdict.erasure : .unknown,
            retention: verdict.retention, census: census, reasons: reasons + verdict.reasons)
        if judged != known.verdict {
            try await store.recordBootVerdict(
                host: host, boot, judged, attempt: ordered?.id, at: clock.date(), parts: judgement.parts)
        }
        // An attempt that is not decided is judged by its own canaries: nothing takes their place before. Nor does
        // anything take the place of a census, as long as what it misses is a question.
        let isDecided = end.reason.state != .inconclusive || !judged.undecided.isEmpty
        if isDecided, undecided == nil, try await store.openContent(of: host, in: boot).isEmpty {
            try await leaveStandingCanaries(settings, in: boot)
        }
        return AttemptEnd(end.reason, end.message, verdict: judged)
    }

    /// The attempt that left canaries and is not decided yet: the boot after them is its own.
    private func undecidedAttempt(behind planted: PlantedCanaries?) async throws(StoreError) -> StoredAttempt? {
        guard let id = planted?.attempt else { return nil }
        let attempt = try await store.attempt(id)
        return attempt.state == .inconclusive && attempt.override == nil ? attempt : nil
    }

    /// What was a question before this boot is looked at: in an earlier observation of it, or in the boot before it
    /// where this is the first.
    private func questions(of host: HostName, in known: StoredBoot, before boots: [StoredBoot]) async throws(StoreError)
        -> [CensusFinding]
    {
        if let verdict = known.verdict { return verdict.undecided }
        guard let earlier = boots.drop(while: { $0.bootID != known.bootID }).dropFirst().first else { return [] }
        let open = try await store.openContent(of: host, in: earlier.bootID)
        // Whether the storage itself is what it was, this boot's own canaries say.
        return (open.findings + open.onAcceptedStorage).filter { $0.path != OpenContent.storage }.map {
            CensusFinding(
                $0.path, .unknown, $0.message, isUndecided: true, isOnOtherStorage: $0.isOnOtherStorage, asked: $0.asked
            )
        }
    }

    /// The newest census of a boot before this one, and that boot.
    ///
    /// Boots are passed over in which content was not as on record and nobody accepted that. The one in which
    /// canaries were left last is no such boot, however long ago it was.
    private func lastCensus(
        of entries: [PersistenceEntry], on host: HostName, before boot: BootID, _ boots: [StoredBoot],
        _ planted: BootID?
    ) async throws(StoreError) -> (census: Census, boot: BootID)? {
        let earlier = boots.drop { $0.bootID != boot }.dropFirst().map(\.bootID) + (planted.map { [$0] } ?? [])
        for earlier in earlier {
            guard try await store.openContent(of: host, in: earlier).isEmpty,
                let facts = try await store.facts(of: host, during: earlier)
            else { continue }
            let census = try await census(of: entries, on: host, facts)
            if !census.places.isEmpty { return (census, earlier) }
        }
        return nil
    }
}

extension [CensusFinding] {
    /// Later findings beside these questions.
    ///
    /// What was a question before stays one where the later finding says nothing, as where nobody is to look, and
    /// where something else is asked of the path now, or nothing any more.
    fileprivate func asked(again later: [CensusFinding]?, of entries: [PersistenceEntry]) -> [CensusFinding]? {
        let entries = Dictionary(entries.map { ($0.path, $0) }, uniquingKeysWith: { $1 })
        let questions = Dictionary(map { ($0.path, $0) }, uniquingKeysWith: { $1 })
        let now = (later ?? []).map { finding in
            guard let before = questions[finding.path] else { return finding }
            let saysNothing = finding.state == .unknown && !finding.isUndecided
            let isAsked = entries[finding.path].map { $0.census != .off && before.asks($0) } ?? false
            return saysNothing || !isAsked ? before : finding
        }
        let gone = filter { question in !now.contains { $0.path == question.path } }
        return later == nil && gone.isEmpty ? nil : now + gone
    }
}
