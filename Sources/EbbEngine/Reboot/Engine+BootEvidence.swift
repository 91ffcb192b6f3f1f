import EbbModel
import EbbPlan
import EbbProbe
import EbbStore
import EbbTransport
import FoundationEssentials

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
    /// `before` and `canaries` are of the boot that came before it; so is the census, which the store has.
    /// Canaries and content are looked at now; where the host runs yet another boot by then, nothing is known
    /// of this one. `isOrdered`: what the store has was gathered right before the boot.
    func judgeBoot(
        _ observation: Observation, declared: [DeclaredFinding], settings: HostSettings, before: HostFacts,
        canaries: [Canary], isOrdered: Bool = true
    ) async throws(StoreError) -> BootJudgement {
        let entries = declared.map(\.entry)
        let census = try await census(of: entries, on: settings.host, before)
        let found = await lookAfterBoot(canaries, census, of: entries, on: settings)
        if let boot = observation.facts.bootID, let now = found.boot, now != boot {
            return BootJudgement(
                end: AttemptEnd(.bootLoop, "it booted again while it was being judged (\(now))"), parts: found.parts)
        }
        let judge = CensusJudge(before: census, after: found.census, check: found.check, isFresh: isOrdered)
        let end = BootProof.judge(
            BootEvidence(
                strategy: settings.root?.strategy ?? .none, before: before, after: observation.facts,
                observedStrategy: observation.strategy, canaries: canaries, readings: found.readings,
                declared: declared, census: judge.findings(entries),
                keepsNothing: settings.persist.isEmpty && entries.isEmpty,
                gaps: observation.gaps.filter { !$0.isAboutDrift }))
        return BootJudgement(end: end, parts: found.parts)
    }

    /// What the declared paths held in the boot before; what nobody looked at is not in it.
    private func census(of entries: [PersistenceEntry], on host: HostName, _ before: HostFacts) async throws(StoreError)
        -> Census
    {
        let takenAt = before.clock.map { Int64($0.timeIntervalSince1970) } ?? 0
        guard !entries.isEmpty, let boot = before.bootID,
            let bytes = try await store.part(CensusProbe.name, of: host, during: boot)
        else { return Census(takenAt: takenAt) }
        return (try? CensusReader.census(bytes, of: entries, takenAt: takenAt)) ?? Census(takenAt: takenAt)
    }

    /// What was found after a boot; what is not answered is unknown.
    private struct AfterBoot {
        var readings: [CanaryReading]
        var boot: BootID?
        var census = Census(takenAt: 0)
        var check: [String: [BytePath: Census.Node]] = [:]
        var parts: [EvidencePart]
    }

    /// Looks for canaries, at what the declared paths hold, and at the boot in which it does.
    private func lookAfterBoot(
        _ canaries: [Canary], _ census: Census, of entries: [PersistenceEntry], on settings: HostSettings
    ) async -> AfterBoot {
        var probes = [ProbeScript.Probe(name: "canaries", shell: CanaryShell.read(canaries))]
        if !entries.isEmpty { probes += [CensusProbe.probe(entries), CensusProbe.check(census, of: entries)] }
        probes.append(BootProbe.probe)
        do throws(TransportError) {
            let results = try await ask(settings, probes, timeout: .seconds(entries.isEmpty ? 60 : 500)).report.results
            let output = results["canaries"]?.output ?? []
            let gap = results["canaries"]?.gap ?? ProbeGap(probe: "canaries", reason: .truncated, message: "no answer")
            var found = AfterBoot(
                readings: CanaryShell.readings(of: canaries, in: output, gap: gap),
                boot: results[BootProbe.name].flatMap { BootProbe.answer($0.output)?.boot },
                parts: [EvidencePart(name: "canaries", bytes: output)])
            if let result = results[CensusProbe.name] {
                found.census = (try? CensusReader.census(result.output, of: entries, takenAt: 0)) ?? found.census
                found.parts.append(EvidencePart(name: CensusProbe.name, bytes: result.output))
            }
            if let result = results[CensusProbe.checkName] {
                found.check = (try? CensusReader.check(result.output, of: entries)) ?? [:]
                found.parts.append(EvidencePart(name: CensusProbe.checkName, bytes: result.output))
            }
            return found
        } catch {
            let gap = ProbeGap(probe: "canaries", reason: .unreachable, message: error.message)
            return AfterBoot(
                readings: CanaryShell.readings(of: canaries, in: [], gap: gap),
                parts: [EvidencePart(name: "canaries", bytes: [])])
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
