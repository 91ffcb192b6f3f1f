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
        if end.reason.state != .inconclusive, end.reason != .bootLoop {
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
