import EbbModel
import EbbPlan
import EbbProbe
import EbbStore
import EbbTransport

/// What a boot proves, and what that rests on.
struct BootJudgement: Sendable {
    let end: AttemptEnd
    /// The raw answer about the canaries.
    let parts: [EvidencePart]
}

/// The one place where the evidence of a boot is put together, whoever ordered it.
extension Engine {
    /// Judges the boot that a host was observed in.
    ///
    /// `before` and `canaries` are of the boot that came before it. The canaries are read now; where
    /// the host runs yet another boot by then, nothing is known of this one.
    func judgeBoot(
        _ observation: Observation, declared: [DeclaredFinding], settings: HostSettings, before: HostFacts,
        canaries: [Canary]
    ) async -> BootJudgement {
        let found = await readCanaries(canaries, on: settings)
        if let boot = observation.facts.bootID, let now = found.boot, now != boot {
            return BootJudgement(
                end: AttemptEnd(.bootLoop, "it booted again while it was being judged (\(now))"), parts: found.parts)
        }
        let end = BootProof.judge(
            BootEvidence(
                strategy: settings.root?.strategy ?? .none, before: before, after: observation.facts,
                observedStrategy: observation.strategy, canaries: canaries, readings: found.readings,
                declared: declared, gaps: observation.gaps.filter { !$0.isAboutDrift }))
        return BootJudgement(end: end, parts: found.parts)
    }

    /// Looks for canaries, and at the boot in which it does; what is not answered is unknown.
    private func readCanaries(_ canaries: [Canary], on settings: HostSettings) async -> (
        readings: [CanaryReading], boot: BootID?, parts: [EvidencePart]
    ) {
        let probe = ProbeScript.Probe(name: "canaries", shell: CanaryShell.read(canaries))
        do throws(TransportError) {
            let answer = try await ask(settings, [probe, BootProbe.probe], timeout: .seconds(60))
            let result = answer.report.results["canaries"]
            let output = result?.output ?? []
            let gap = result?.gap ?? ProbeGap(probe: "canaries", reason: .truncated, message: "no answer")
            let boot = answer.report.results[BootProbe.name].flatMap { BootProbe.answer($0.output)?.boot }
            return (
                CanaryShell.readings(of: canaries, in: output, gap: gap), boot,
                [EvidencePart(name: "canaries", bytes: output)]
            )
        } catch {
            let gap = ProbeGap(probe: "canaries", reason: .unreachable, message: error.message)
            return (
                CanaryShell.readings(of: canaries, in: [], gap: gap), nil, [EvidencePart(name: "canaries", bytes: [])]
            )
        }
    }

    /// Leaves canaries for whichever boot comes next, as far as the host lets itself be written to.
    ///
    /// They are recorded first: a token on a host that nobody knows of proves nothing. A host that
    /// turns out to run another boot has them in that one.
    func leaveStandingCanaries(_ settings: HostSettings, in boot: BootID) async throws(StoreError) {
        let canaries = Canary.all(for: settings, token: ProbeNonce.random().text)
        try await store.recordCanaries(host: settings.host, boot: boot, canaries, at: clock.date())
        let probe = ProbeScript.Probe(name: "plant", shell: CanaryShell.plant(canaries))
        let answer = try? await ask(settings, [probe, BootProbe.probe], timeout: .seconds(60))
        if let output = answer?.report.results[BootProbe.name]?.output, let now = BootProbe.answer(output)?.boot,
            now != boot
        {
            try await store.recordCanaries(host: settings.host, boot: now, canaries, at: clock.date())
        }
    }
}
