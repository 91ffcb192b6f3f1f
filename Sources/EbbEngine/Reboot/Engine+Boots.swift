package import EbbModel
package import EbbPlan
import EbbProbe
import EbbSetup
package import EbbStore
import EbbTransport
import FoundationEssentials

/// How a wait for a new boot ended.
enum BootWait: Sendable {
    case booted(BootID)
    case end(AttemptEnd)
}

/// Whether a reboot was handed over, as the host itself knows it.
enum HandOverMark: Sendable {
    /// The host runs another boot than the one that was to be ended.
    case otherBoot
    /// It was handed over, and is still to come or came to nothing.
    case handedOver
    /// It was not handed over, and cannot be any more.
    case withdrawn
    /// The host did not say, for this reason.
    case unknown(String)
}

/// The one place where a host is asked which boot it runs, and waited for.
extension Engine {
    /// How long a host may take for so small a question.
    private static let patience = Duration.seconds(20)

    /// Asks which boot the host runs.
    ///
    /// With the mark of a reboot that was handed over, the answer also tells a restart of its
    /// services within the boot that was to be ended.
    func probeBoot(_ settings: HostSettings, before: BootID? = nil, mark: String? = nil) async -> BootWatch.Probe {
        var probe = BootProbe.probe
        if let before, let mark { probe = BootProbe.probe(attempt: mark, before: before) }
        do throws(TransportError) {
            guard let read = BootProbe.answer(try await askAnew(settings, probe)) else {
                return .silent("it answers without a boot id")
            }
            return read.isRestarted ? .restarted(read.boot) : .answered(read.boot)
        } catch {
            return switch error.code {
            case .hostKeyMismatch, .hostKeyUnknown, .hostKeyRevoked: .otherHostKey(error.message)
            case .authenticationFailed: .refusedLogin(error.message)
            case .differentMachine: .otherMachine(error.message)
            case .bannerTimedOut, .keyExchangeTimedOut, .authenticationTimedOut: .mute(error.message)
            default: .silent(error.message)
            }
        }
    }

    /// Asks whether a reboot was handed over, and sees to it that one that was not never will be:
    /// a script that is still on its way comes too late.
    func withdrawReboot(_ settings: HostSettings, before: BootID, mark: String) async -> HandOverMark {
        let probe = ProbeScript.Probe(
            name: "withdraw", shell: RebootShell.withdraw(attempt: mark, expecting: before), limit: 10)
        do throws(TransportError) {
            switch RebootShell.withdrawal(try await askAnew(settings, probe)) {
            case .otherBoot?: return .otherBoot
            case .alreadySent?: return .handedOver
            case .withdrawn?: return .withdrawn
            case nil: return .unknown("its answer was not understood")
            }
        } catch { return .unknown(error.message) }
    }

    /// Asks over a new connection: what a boot is known by was connected to in that boot.
    private func askAnew(_ settings: HostSettings, _ probe: ProbeScript.Probe) async throws(TransportError) -> [UInt8] {
        await transport.forget(settings.host)
        let answer = try await transport.withConnection(to: settings.connection, timeout: Self.patience) {
            connection throws(TransportError) in
            try await HostSession(settings: settings, connection: connection).ask([probe], timeout: Self.patience)
        }
        return answer.report.results[probe.name]?.output ?? []
    }

    /// Probes the host until it runs another boot, or `BootWatch` gives up.
    func awaitBoot(
        _ settings: HostSettings, after before: BootID, mark: String? = nil,
        waiting: @Sendable (_ elapsed: Duration, _ last: String) -> Void = { _, _ in }
    ) async -> BootWait {
        let begin = clock.now()
        var watch = BootWatch(before: before, timeout: .seconds(settings.reboot.timeout))
        while true {
            let probe = await probeBoot(settings, before: before, mark: mark)
            let elapsed = clock.now() - begin
            switch watch.probed(probe, at: elapsed) {
            case .booted(let boot): return .booted(boot)
            case .end(let end): return .end(end)
            case .wait(let pause):
                waiting(elapsed, watch.lastReason)
                do { try await clock.sleep(pause) } catch {
                    return .end(AttemptEnd(.evidenceIncomplete, "the wait was cancelled in Ebb itself"))
                }
            }
        }
    }

    /// Waits until the host's service manager has left its start-up, at most three minutes.
    ///
    /// Whatever state it reaches is judged by other probes; no answer here is no verdict.
    func settle(_ settings: HostSettings) async {
        let probe = BootProbe.settling(limit: 180)
        _ = try? await ask(settings, [probe], timeout: .seconds(210))
    }
}

extension Engine {
    /// Looks at a host, and says why it must not be rebooted now; without an objection it may be.
    ///
    /// Everything in here only reads.
    package func preflight(_ settings: HostSettings, controller: PreflightGate.Controller, acceptsLoss: Bool)
        async throws(StoreError) -> (look: HostObservation, objection: AttemptEnd?)
    {
        let look = try await observe(settings, kind: .preflight)
        if let error = look.transportError { return (look, settings.notHeard(error)) }
        let gate = PreflightGate(settings: settings, controller: controller, acceptsLoss: acceptsLoss)
        let objection = gate.objection(
            to: look.observation, declared: look.declared, open: try await openContent(settings, look),
            entries: look.entries)
        // A blank that is gone leaves the observation incomplete as well: then the blank is what to report.
        guard objection == nil || objection?.reason == .preflightIncomplete else { return (look, objection) }
        var ofBlank = try await objectionOfBlank(settings)
        if ofBlank == nil, let name = settings.blankName, let changed = look.observation.facts.blankState?.changed {
            ofBlank = AttemptEnd(.blankUnfit, "\(name): it was changed after it was taken: \(changed)")
        }
        return (look, ofBlank?.reason == .blankUnfit ? ofBlank : objection ?? ofBlank)
    }

    /// Why the boot would not go back to the blank on record, or could not.
    private func objectionOfBlank(_ settings: HostSettings) async throws(StoreError) -> AttemptEnd? {
        guard let wanted = settings.blankOnly, let name = settings.blankName else { return nil }
        let look = try await planDatasets(wanted)
        guard let plan = look.plan else {
            return AttemptEnd(
                .preflightIncomplete, "the blank \(name) could not be looked at: \(look.gap?.message ?? "no answer")")
        }
        if let obstacle = look.obstacle { return AttemptEnd(.blankUnfit, obstacle) }
        // What a root is filled from need not be Ebb's, nor readable, where Ebb has none on record.
        if wanted.isRootCopied { return nil }
        guard plan.items.contains(where: { $0.name == name && $0.decision != .snapshot }) else {
            return AttemptEnd(.blankUnfit, "\(name): it is not there: nothing would be erased")
        }
        return nil
    }
}

extension HostSettings {
    /// The end for a host that fell silent before it was told anything.
    ///
    /// One that is often away is away: that is no failure, as long as it passes by itself.
    func notHeard(_ error: TransportError) -> AttemptEnd {
        let isAway = reboot.isOftenAway && error.code.isTransient
        return AttemptEnd(isAway ? .away : .unreachable, error.message)
    }
}

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
    /// `before` and `canaries` are of the boot that came before it. So is the census, which the store has and
    /// which was taken right before the boot; `older` is one that was not.
    /// Of the paths `missed` something is known to be missing. Canaries and content are looked at now; where the host runs yet another boot by then, nothing is known
    /// of this one.
    func judgeBoot(
        _ observation: Observation, declared: [DeclaredFinding], settings: HostSettings, before: HostFacts,
        canaries: [Canary], comparison: BootComparison?, older: Census? = nil, missed: Set<String> = []
    ) async throws(StoreError) -> BootJudgement {
        let entries = declared.map(\.entry)
        let census = if let older { older } else { try await census(of: entries, on: settings.host, before) }
        let found = await lookAfterBoot(canaries, census, of: entries, before, on: settings)
        if let boot = observation.facts.bootID, let now = found.boot, now != boot {
            return BootJudgement(
                end: AttemptEnd(.bootLoop, "it booted again while it was being judged (\(now))"), parts: found.parts)
        }
        // What lies where a boot erases it is on no storage that anybody should accept.
        let kept = Set(declared.filter { $0.verdict != .leaked && $0.verdict != .missing }.map(\.entry.path))
        let judge = CensusJudge(
            before: census, after: found.census, check: found.check, isFresh: older == nil,
            recorded: try await store.storage(of: settings.host).compactMapValues(\.known).filter {
                kept.contains($0.key)
            }, stillness: settings.reboot.stillness, leastKept: settings.reboot.leastKept, missed: missed)
        var evidence = BootEvidence(
            strategy: settings.root?.strategy ?? .none, before: before, after: observation.facts,
            observedStrategy: observation.strategy, canaries: canaries, readings: found.readings,
            declared: declared.map { $0.tried(found.writes[$0.entry.path]) }, census: judge.findings(entries),
            keepsNothing: settings.persist.isEmpty && entries.isEmpty,
            // The drift is no question of the proof; what the root was made from is one.
            gaps: observation.gaps.filter { !$0.isAboutDrift || $0.isAboutBlank })
        (evidence.root, evidence.blankCanary, evidence.holdsOlder) = (settings.root, found.ofBlank, found.holdsOlder)
        (evidence.foreign, evidence.nested) = (found.foreign, found.nested)
        for case (let canary, .present(let token, _, _)) in zip(canaries, found.readings) where token != canary.token {
            evidence.origins[token] = try await store.origin(of: token, on: settings.host, beside: canary.token)
        }
        evidence.recordedBlank = try await recordedBlank(of: settings)
        evidence.comparison = try await self.comparison(comparison, of: observation)
        let end = BootProof.judge(evidence)
        let marks = Dictionary(
            entries.filter { kept.contains($0.path) }.compactMap { entry in
                found.census.places[entry.path].flatMap(StorageMark.init).map { (entry.path, $0) }
            }, uniquingKeysWith: { first, _ in first })
        try await store.recordStorage(
            host: settings.host, marks, isProven: end.verdict?.retention == .kept, at: clock.date())
        return BootJudgement(end: end, parts: found.parts)
    }

    /// What identified the blank that the root goes back to, when it was recorded.
    private func recordedBlank(of settings: HostSettings) async throws(StoreError) -> String? {
        guard let name = settings.blankName else { return nil }
        return try await store.blanks(of: settings.host).first { $0.name == name }?.guid
    }

    /// What became of the prediction before the boot: an earlier look at the same boot may have found it.
    private func comparison(_ found: BootComparison?, of observation: Observation) async throws(StoreError)
        -> BootComparison?
    {
        if let found { return found }
        guard let boot = observation.facts.bootID else { return nil }
        return try await store.comparisons(of: observation.host, limit: 20)[boot]
    }

    /// What the declared paths held in the boot before; what nobody looked at is not in it.
    func census(of entries: [PersistenceEntry], on host: HostName, _ before: HostFacts) async throws(StoreError)
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
        var ofBlank: CanaryReading?
        var foreign: [String] = []
        var holdsOlder: [String: Bool] = [:]
        var nested: [String: BytePath] = [:]
        var boot: BootID?
        var census = Census(takenAt: 0)
        var check: [String: [BytePath: Census.Node]] = [:]
        var writes: [String: WriteTest] = [:]
        var parts: [EvidencePart]
    }

    /// Looks for canaries, at the places that the boot erases, at what the declared paths hold, and at the boot in which it does.
    private func lookAfterBoot(
        _ canaries: [Canary], _ census: Census, of entries: [PersistenceEntry], _ before: HostFacts,
        on settings: HostSettings
    ) async -> AfterBoot {
        let blank = settings.root?.blankDirectory?.text
        var probes = [ProbeScript.Probe(name: "canaries", shell: CanaryShell.read(canaries, blank: blank))]
        let places = settings.root?.erases ?? []
        if !places.isEmpty, let clock = before.clock {
            let since = Int64(clock.timeIntervalSince1970)
            probes.append(.init(name: "erased-places", shell: CanaryShell.older(at: places, since: since), limit: 120))
        }
        // The write comes last: it removes what one that was cut off has left, which a census may have seen.
        if !entries.isEmpty {
            probes += [CensusProbe.probe(entries), CensusProbe.check(census, of: entries)]
            probes.append(WriteProbe.probe(entries, on: settings.persist))
        }
        probes.append(BootProbe.probe)
        do throws(TransportError) {
            let results = try await ask(settings, probes, timeout: .seconds(entries.isEmpty ? 60 : 500)).report.results
            let output = results["canaries"]?.output ?? []
            let gap = results["canaries"]?.gap ?? ProbeGap(probe: "canaries", reason: .truncated, message: "no answer")
            let readings = CanaryShell.readings(count: canaries.count + (blank == nil ? 0 : 1), in: output, gap: gap)
            var found = AfterBoot(
                readings: Array(readings.prefix(canaries.count)),
                ofBlank: readings.count > canaries.count ? readings.last : nil,
                boot: results[BootProbe.name].flatMap { BootProbe.answer($0.output)?.boot },
                parts: [EvidencePart(name: "canaries", bytes: output)])
            found.foreign = CanaryShell.foreign(in: output)
            if let result = results["erased-places"] {
                found.holdsOlder = CanaryShell.older(at: places, in: result.output)
                found.nested = CanaryShell.nested(at: places, in: result.output)
                found.parts.append(EvidencePart(name: "erased-places", bytes: result.output))
            }
            if let result = results[CensusProbe.name] {
                found.census = (try? CensusReader.census(result.output, of: entries, takenAt: 0)) ?? found.census
                found.parts.append(EvidencePart(name: CensusProbe.name, bytes: result.output))
            }
            if let result = results[CensusProbe.checkName] {
                found.check = (try? CensusReader.check(result.output, of: entries)) ?? [:]
                found.parts.append(EvidencePart(name: CensusProbe.checkName, bytes: result.output))
            }
            if let result = results[WriteProbe.name] {
                found.writes = (try? WriteProbe.outcomes(result.output, of: entries)) ?? [:]
                found.parts.append(EvidencePart(name: WriteProbe.name, bytes: result.output))
            }
            return found
        } catch {
            let gap = ProbeGap(probe: "canaries", reason: .unreachable, message: error.message)
            return AfterBoot(
                readings: CanaryShell.readings(count: canaries.count, in: [], gap: gap),
                parts: [EvidencePart(name: "canaries", bytes: [])])
        }
    }

    /// Leaves canaries for whichever boot comes next, as far as the host lets itself be written to.
    ///
    /// They are recorded first: a token on a host that nobody knows of proves nothing. They are left under the
    /// host's lease: where somebody else has it, theirs are waiting to be judged and nothing is left. A host
    /// that turns out to run another boot has them in that one.
    func leaveStandingCanaries(_ settings: HostSettings, in boot: BootID) async throws(StoreError) {
        let token = try await store.newToken(of: nil, random: ProbeNonce.random().text)
        let owner = RolloutLease.ofCanaries(try await store.controllerID())
        var canaries = Canary.all(for: settings, token: token)
        try await store.recordCanaries(host: settings.host, boot: boot, canaries, at: clock.date())
        let answer = try? await ask(
            settings,
            [
                .init(name: "lease", shell: LeaseShell.take(owner: owner)),
                .init(name: "plant", shell: CanaryShell.plant(canaries, owner: owner)),
                .init(name: "lease-release", shell: LeaseShell.release(owner: owner)), BootProbe.probe,
            ], timeout: .seconds(60))
        let planted = CanaryShell.planted(answer?.report.results["plant"]?.output ?? [])
        for (index, mark) in planted where canaries.indices.contains(index) { canaries[index].file = mark }
        try await store.recordFiles(of: canaries, on: settings.host)
        if let output = answer?.report.results[BootProbe.name]?.output, let now = BootProbe.answer(output)?.boot,
            now != boot
        {
            try await store.recordCanaries(host: settings.host, boot: now, canaries, at: clock.date())
        }
    }
}
