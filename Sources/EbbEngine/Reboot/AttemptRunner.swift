import EbbModel
import EbbPlan
import EbbProbe
import EbbStore
import EbbTransport
import FoundationEssentials

/// Performs one attempt to reboot one host.
///
/// Each state is journaled before the effect that it names. The decisions are those of
/// `PreflightGate`, `BootWatch` and `BootProof`; this type only carries them out, each phase over a
/// connection of its own, so that no phase depends on what is left of another one.
struct AttemptRunner: Sendable {
    let engine: Engine
    let settings: HostSettings
    let attempt: AttemptID
    let controller: PreflightGate.Controller
    let acceptsLoss: Bool
    /// The rollout's fence: another controller that took it over makes every step here fail.
    let fence: Int
    /// What each group's limit leaves, read when the slot is taken.
    let budgets: GroupBudgets
    /// What this rollout calls itself on a host, so that other controllers leave the host alone.
    let lease: String
    /// Asked right before anything is done: why the host must not go now, or `nil`.
    let mayGo: @Sendable (HostSettings) async throws(StoreError) -> String?
    let tell: @Sendable (RolloutEvent) -> Void

    var host: HostName { settings.host }

    /// Runs the attempt from its beginning to its end.
    func run() async throws(StoreError) -> AttemptEnd {
        try await enter(.preflight)
        let (look, objection) = try await engine.preflight(settings, controller: controller, acceptsLoss: acceptsLoss)
        if let objection { return try await close(objection) }
        if let end = try await otherName() { return try await close(end) }
        if let reason = try await mayGo(settings) { return try await close(AttemptEnd(.notAllowedNow, reason)) }
        guard let boot = look.observation.facts.bootID else {
            return try await close(AttemptEnd(.preflightIncomplete, "the boot id is not known"))
        }
        if let end = try await takeLease() {
            // It may be taken where only the answer was lost.
            return try await release(end)
        }
        if let end = try await keepSafetyCopy(look) { return try await release(end) }
        if let end = await commands(settings.reboot.drain, named: "drain", else: .hookFailed) {
            return try await release(end, isDrained: true)
        }

        try await enter(.canaries, note: try agreedLosses(look))
        var canaries = Canary.all(
            for: settings, token: try await engine.store.newToken(of: attempt, random: Self.random()))
        try await engine.store.recordCanaries(
            host: host, boot: boot, attempt: attempt, canaries, at: engine.clock.date())
        if let end = await plant(&canaries) { return try await release(end, isDrained: true) }
        try await engine.store.recordFiles(of: canaries, on: host)
        if let end = try await takeSlot(boot) { return try await release(end, isDrained: true) }
        return try await send(AttemptStart(boot: boot, facts: look.observation.facts, canaries: canaries))
    }

    /// What somebody agreed to lose, for the record; empty where nobody had to agree.
    private func agreedLosses(_ look: HostObservation) throws(StoreError) -> String {
        guard acceptsLoss else { return "" }
        var losses = Losses(settings: settings)
        for entry in try look.entries(where: \.verdict.isAtRisk) { losses.take(entry) }
        return losses.needConsent ? "agreed to lose \(losses.text)" : ""
    }

    /// Hands the reboot over, once, and goes on to watch the host whatever became of the answer.
    private func send(_ start: AttemptStart) async throws(StoreError) -> AttemptEnd {
        let note: String
        switch await handOver(start) {
        case .answered(.refused(let words)): return try await release(AttemptEnd(.refused, words), isDrained: true)
        case .answered(.accepted): note = "acknowledged"
        case .answered(.alreadySent): note = "it was handed over before"
        case .answered(.otherBoot): note = "it booted by itself before it was told to"
        case .lost(let words): note = "no acknowledgement: \(words)"
        }
        try await enter(.sent, AttemptChange(sentAt: engine.clock.date()), note: note)
        return try await watch(start)
    }

    /// Closes an attempt that certainly told the host nothing, because its controller ended.
    func abandon() async throws(StoreError) -> AttemptEnd {
        try await release(
            AttemptEnd(.aborted, "its controller ended before the reboot was handed over"), isDrained: true)
    }

    /// Finds out whether a controller that has ended handed the reboot over, and goes on from there.
    ///
    /// Nothing is sent: what was true when the reboot was decided need not be true any more. `nil`:
    /// the host was not told and the attempt is closed.
    func ask(_ start: AttemptStart) async throws(StoreError) -> AttemptEnd? {
        let begin = engine.clock.now()
        while true {
            let words: String
            switch await engine.withdrawReboot(settings, before: start.boot, mark: mark(start)) {
            case .withdrawn:
                _ = try await abandon()
                return nil
            case .handedOver: return try await sent(start, note: "it was handed over before")
            case .otherBoot: return try await sent(start, note: "it runs another boot already")
            case .unknown(let message): words = message
            }
            let elapsed = engine.clock.now() - begin
            let end = AttemptEnd(
                .neverBack, "whether it was told to reboot is not known; last: \(words)",
                verdict: BootVerdict(erasure: .unknown, retention: .unknown, reasons: [words]))
            guard elapsed < .seconds(settings.reboot.timeout) else { return try await release(end, isDrained: true) }
            tell(.waiting(host, elapsed: elapsed, last: words))
            do { try await engine.clock.sleep(.seconds(5)) } catch { return try await release(end, isDrained: true) }
        }
    }

    private func sent(_ start: AttemptStart, note: String) async throws(StoreError) -> AttemptEnd {
        try await enter(.sent, AttemptChange(sentAt: engine.clock.date()), note: note)
        return try await watch(start)
    }

    /// Waits for a new boot and judges it.
    func watch(_ start: AttemptStart) async throws(StoreError) -> AttemptEnd {
        let wait = await engine.awaitBoot(settings, after: start.boot, mark: mark(start)) {
            tell(.waiting(host, elapsed: $0, last: $1))
        }
        switch wait {
        case .booted(let boot):
            try await enter(.booted, AttemptChange(bootIDAfter: boot))
            return try await prove(start, booted: boot)
        case .end(var end):
            if end.reason == .didNotReboot {
                // Its slot is free from here on: what is still on its way must not reboot it then.
                let mark = await engine.withdrawReboot(settings, before: start.boot, mark: mark(start))
                if case .withdrawn = mark { end = end.adding("the reboot never reached it") }
            }
            return try await release(end, isDrained: true)
        }
    }

    /// Gathers the proof of a boot, judges it, and watches the host for its soak.
    func prove(_ start: AttemptStart, booted: BootID) async throws(StoreError) -> AttemptEnd {
        // Taken anew, because /run is: nobody else shall reboot the host while it is judged.
        _ = try await takeLease()
        await engine.settle(settings)
        var judgement = try await judge(start, booted: booted)
        if judgement.end.reason == .evidenceIncomplete {
            // An answer that stayed away may only have been late, or the host went down again.
            switch await regained(booted) {
            case .same: judgement = try await judge(start, booted: booted)
            case .other(let now): judgement = BootJudgement(end: bootedAgain(now), parts: judgement.parts)
            case .lost: break
            }
        }
        var end = judgement.end
        if end.reason == .proven {
            var later = await soak(booted)
            if later == nil { later = await unsettled(start.facts) }
            if later == nil { later = await commands(settings.reboot.undrain, named: "undrain", else: .healthFailed) }
            // The boot stays proven; that the host is not well is another matter.
            if let later { end = AttemptEnd(later.reason, later.message, verdict: end.verdict) }
        }
        if end.reason != .proven, !settings.reboot.drain.isEmpty { end = end.adding(Self.staysDrained) }
        end = try await release(end, parts: judgement.parts)
        // After the verdict: until then the attempt's own canaries must stay as they are. A host
        // that boots again and again runs nobody knows which boot: nothing is left in it.
        // Nor is it in a storage that is not the host's: the right one would miss them when it is back.
        let isElsewhere = [.persistReplaced, .persistNotMounted, .stateLost].contains(end.reason)
        if end.reason.state != .inconclusive, end.reason != .bootLoop, !isElsewhere {
            try await engine.leaveStandingCanaries(settings, in: booted)
        }
        return end
    }

    /// What the host shows after the boot.
    private func judge(_ start: AttemptStart, booted: BootID) async throws(StoreError) -> BootJudgement {
        let look = try await engine.observe(settings, kind: .proof)
        if let error = look.transportError {
            let verdict = BootVerdict(erasure: .unknown, retention: .unknown, reasons: [error.message])
            return BootJudgement(
                end: AttemptEnd(
                    .evidenceIncomplete, "it fell silent after the boot: \(error.message)", verdict: verdict), parts: []
            )
        }
        if let now = look.observation.facts.bootID, now != booted {
            return BootJudgement(end: bootedAgain(now), parts: [])
        }
        return try await engine.judgeBoot(
            look.observation, declared: look.declared, settings: settings, before: start.facts,
            canaries: start.canaries, comparison: look.comparison)
    }

    private func bootedAgain(_ now: BootID) -> AttemptEnd {
        AttemptEnd(.bootLoop, "it booted again while it was being judged (\(now))")
    }

    /// What marks this attempt on the host.
    func mark(_ start: AttemptStart) -> String { AttemptStart.mark(attempt, start.canaries) }
}

/// What is known of a host before its reboot, as far as the proof needs it.
struct AttemptStart: Sendable {
    /// The boot that is to be ended.
    let boot: BootID
    let facts: HostFacts
    let canaries: [Canary]

    /// What marks an attempt on its host: its number here, and what no other database has.
    static func mark(_ attempt: AttemptID, _ canaries: [Canary]) -> String {
        let token = canaries.first?.token ?? ""
        return "\(attempt.value)-\((CanaryToken(token)?.random ?? token).prefix(12))"
    }
}

/// The steps of an attempt that talk to the host; none of them writes to the journal.
extension AttemptRunner {
    /// What became of handing the reboot over.
    enum HandOver: Sendable {
        case answered(RebootShell.Answer)
        /// The host may or may not have seen it.
        case lost(String)
    }

    /// Sends the reboot; again only while it is certain that the host has not seen it.
    ///
    /// Sending twice would be harmless: the host does it once per attempt, and only in the boot
    /// that it is meant for.
    func handOver(_ start: AttemptStart) async -> HandOver {
        let mark = mark(start)
        let probe = ProbeScript.Probe(name: "reboot", shell: RebootShell.send(attempt: mark, expecting: start.boot))
        var words = ""
        for _ in 1...3 {
            do throws(TransportError) {
                let answer = try await engine.ask(settings, [probe], timeout: .seconds(60))
                let output = answer.report.results["reboot"]?.output ?? []
                guard let read = RebootShell.answer(output) else { return .lost("the answer was not understood") }
                return .answered(read)
            } catch {
                words = error.message
                guard error.code.isBeforeCommand else { return .lost(words) }
            }
        }
        return .lost(words)
    }

    /// Leaves the canaries, and notes the file of each; an end when one could not be written and read back.
    func plant(_ canaries: inout [Canary]) async -> AttemptEnd? {
        let probe = ProbeScript.Probe(name: "plant", shell: CanaryShell.plant(canaries, owner: lease))
        do throws(TransportError) {
            let answer = try await engine.ask(settings, [probe], timeout: .seconds(60))
            let result = answer.report.results["plant"]
            let planted = CanaryShell.planted(result?.output ?? [])
            for (index, canary) in canaries.enumerated() {
                guard let file = planted[index] else {
                    let said = ProbeResult.message(result?.standardError ?? [])
                    return AttemptEnd(.canaryFailed, "\(canary.path): \(said)")
                }
                canaries[index].file = file
            }
            return nil
        } catch { return settings.notHeard(error) }
    }

    /// Runs commands of the inventory on the host, in order; an end at the first that fails.
    func commands(_ lines: [String], named name: String, else reason: AttemptReason) async -> AttemptEnd? {
        await engine.commands(lines, named: name, on: settings, else: reason)
    }
}

extension Engine {
    /// Runs commands of the inventory on the host, in order; an end at the first that fails.
    func commands(_ lines: [String], named name: String, on settings: HostSettings, else reason: AttemptReason) async
        -> AttemptEnd?
    {
        guard !lines.isEmpty else { return nil }
        let probes = lines.enumerated().map { index, line in
            ProbeScript.Probe(name: "\(name)-\(index)", shell: line, limit: settings.reboot.hookTimeout)
        }
        do throws(TransportError) {
            let limit = Duration.seconds(lines.count * settings.reboot.hookTimeout + 30)
            let answer = try await ask(settings, probes, timeout: limit)
            for (index, line) in lines.enumerated() {
                guard let result = answer.report.results["\(name)-\(index)"] else {
                    return AttemptEnd(reason, "\(line): no answer")
                }
                if result.status != 0 {
                    let said = ProbeResult.message(result.standardError)
                    return AttemptEnd(reason, "\(line): status \(result.status) \(said)")
                }
            }
            return nil
        } catch {
            // Whether the command failed is not known: before the reboot the host is let be, after it
            // the evidence lacks something.
            return reason.state == .skipped ? settings.notHeard(error) : AttemptEnd(.evidenceIncomplete, error.message)
        }
    }
}

/// The attempt's dealings with the journal.
extension AttemptRunner {
    /// Journals a state before its effect.
    func enter(
        _ state: AttemptState, _ change: AttemptChange = AttemptChange(), note: String = "", parts: [EvidencePart] = []
    ) async throws(StoreError) {
        try await engine.store.advance(
            attempt, to: state, at: engine.clock.date(), change, detail: note.isEmpty ? [:] : ["note": note],
            parts: parts, fence: fence)
        tell(.entered(host, state, note: note))
    }

    /// Journals the intent, and takes the host's slot with it; an end when its groups have none left.
    func takeSlot(_ boot: BootID) async throws(StoreError) -> AttemptEnd? {
        let now = engine.clock.date()
        let (budgets, settings) = (budgets, settings)
        do throws(StoreError) {
            try await engine.store.advance(
                attempt, to: .intent, at: now,
                AttemptChange(bootIDBefore: boot, deadline: now.addingTimeInterval(Double(settings.reboot.timeout))),
                fence: fence, limits: budgets.limits(on: settings).map(\.name),
                refusal: { budgets.refusal(of: settings, among: $0) })
        } catch {
            guard error.code == .noSlot else { throw error }
            return AttemptEnd(.maxUnavailable, error.message)
        }
        tell(.entered(host, .intent, note: ""))
        return nil
    }

    /// Journals the end of the attempt, with the verdict on its boot.
    func close(_ end: AttemptEnd, parts: [EvidencePart] = []) async throws(StoreError) -> AttemptEnd {
        try await engine.store.advance(
            attempt, to: end.reason.state, at: engine.clock.date(),
            AttemptChange(verdict: end.verdict, reason: end.reason.rawValue), detail: ["message": end.message],
            parts: parts, fence: fence)
        tell(.ended(host, end))
        return end
    }

    /// Gives back what the attempt took of the host, and journals the end.
    ///
    /// Where `drain` may have run, `undrain` does: it must bear being run without it.
    func release(_ end: AttemptEnd, parts: [EvidencePart] = [], isDrained: Bool = false) async throws(StoreError)
        -> AttemptEnd
    {
        await releaseLease()
        return try await close(isDrained ? await undrained(end) : end, parts: parts)
    }

    /// The end of a host that may be drained, once it was undrained or with words that say that it was not.
    private func undrained(_ end: AttemptEnd) async -> AttemptEnd {
        guard !settings.reboot.drain.isEmpty else { return end }
        guard !settings.reboot.undrain.isEmpty else {
            return end.adding("it may still be drained: no `undrain` is declared for it")
        }
        let problem = await commands(settings.reboot.undrain, named: "undrain", else: .hookFailed)
        return problem.map { end.adding("it may still be drained: \($0.message)") } ?? end
    }

    /// Said of a host that was drained for a boot that is not proven.
    static let staysDrained = "it stays drained; once it is well, run its `undrain` commands"

    /// Thirty-two hexadecimal digits that nobody can guess.
    static func random() -> String { ProbeNonce.random().text }
}
