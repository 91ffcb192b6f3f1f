import EbbModel
import EbbPlan
import EbbProbe
import EbbStore
import EbbTransport

/// Boots that Ebb did not order: noticed by their boot id, judged by canaries that were left before.
extension Engine {
    /// Leaves canaries for whichever boot comes next, as far as the host lets itself be written to.
    ///
    /// They are recorded first: a token on a host that nobody knows of proves nothing.
    func leaveStandingCanaries(
        _ settings: HostSettings, in boot: BootID
    ) async throws(StoreError) {
        let canaries = Canary.all(for: settings, token: ProbeNonce.random().text)
        try await store.recordCanaries(
            host: settings.host, boot: boot, canaries, at: clock.date())
        let probe = ProbeScript.Probe(name: "plant", shell: CanaryShell.plant(canaries))
        _ = try? await ask(settings, [probe], timeout: .seconds(60))
    }

    /// Judges the boot that a host was found in, if nobody ordered it and canaries were left for it.
    ///
    /// - Returns: What the boot proves; `nil` where there is nothing new to judge.
    func judgeUnorderedBoot(
        _ settings: HostSettings, _ observation: Observation, declared: [DeclaredFinding]
    ) async throws(StoreError) -> AttemptEnd? {
        let host = settings.host
        guard let boot = observation.facts.bootID, let strategy = settings.root?.strategy,
            strategy != .none, let planted = try await store.latestCanaries(of: host),
            planted.boot != boot, try await !store.isBeingRebooted(host)
        else { return nil }
        let boots = try await store.boots(of: host, limit: 20)
        guard let known = boots.first(where: { $0.bootID == boot }), known.verdict == nil,
            known.attempt == nil,
            let before = try await store.facts(of: host, during: planted.boot)
        else { return nil }

        let found = await readCanaries(planted.canaries, on: settings)
        let end = BootProof.judge(
            BootEvidence(
                strategy: strategy, before: before, after: observation.facts,
                observedStrategy: observation.strategy, canaries: planted.canaries,
                readings: found.readings, declared: declared,
                gaps: observation.gaps.filter { $0.probe != "drift" }))
        guard let verdict = end.verdict else { return nil }
        // What happened in boots that nobody saw, and in those that were seen and not judged, the
        // canaries cannot tell apart from what happened in this one.
        let between = boots.filter {
            $0.bootID != boot && $0.bootID != planted.boot && $0.firstSeen > planted.plantedAt
        }
        var reasons = ["Ebb did not order this boot; the canaries are of boot \(planted.boot)"]
        if !between.isEmpty {
            reasons.append("\(between.count) boots in between were seen and not judged")
        }
        let judged = BootVerdict(
            erasure: between.isEmpty || verdict.erasure != .erased ? verdict.erasure : .unknown,
            retention: verdict.retention, reasons: reasons + verdict.reasons)
        try await store.recordBootVerdict(
            host: host, boot, judged, at: clock.date(), parts: found.parts)
        try await leaveStandingCanaries(settings, in: boot)
        return AttemptEnd(end.reason, end.message, verdict: judged)
    }

    /// Looks for canaries; what is not answered is unknown.
    func readCanaries(
        _ canaries: [Canary], on settings: HostSettings
    ) async -> (readings: [CanaryReading], parts: [EvidencePart]) {
        let probe = ProbeScript.Probe(name: "canaries", shell: CanaryShell.read(canaries))
        let readings: [CanaryReading]
        var output: [UInt8] = []
        do throws(TransportError) {
            let answer = try await ask(settings, [probe], timeout: .seconds(60))
            let result = answer.report.results["canaries"]
            output = result?.output ?? []
            let gap =
                result?.gap
                ?? ProbeGap(probe: "canaries", reason: .truncated, message: "no answer")
            readings = CanaryShell.readings(of: canaries, in: output, gap: gap)
        } catch {
            let gap = ProbeGap(probe: "canaries", reason: .unreachable, message: error.message)
            readings = CanaryShell.readings(of: canaries, in: [], gap: gap)
        }
        return (readings, [EvidencePart(name: "canaries", bytes: output)])
    }
}
