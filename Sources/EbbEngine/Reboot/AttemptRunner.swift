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

    /// What is known of the host before its reboot, as far as the proof needs it.
    struct Start: Sendable {
        let boot: BootID
        let facts: HostFacts
        let canaries: [Canary]
    }

    /// Runs the attempt from its beginning to its end.
    func run() async throws(StoreError) -> AttemptEnd {
        try await enter(.preflight)
        let (look, objection) = try await engine.preflight(
            settings, controller: controller, acceptsLoss: acceptsLoss)
        if let objection { return try await close(objection) }
        if let reason = try await mayGo(settings) {
            return try await close(AttemptEnd(.notAllowedNow, reason))
        }
        guard let boot = look.observation.facts.bootID else {
            return try await close(AttemptEnd(.preflightIncomplete, "the boot id is not known"))
        }
        if let end = await takeLease() { return try await close(end) }
        if let end = try await keepSafetyCopy(look) {
            await releaseLease()
            return try await close(end)
        }
        if let end = await commands(settings.reboot.drain, named: "drain", else: .hookFailed) {
            await releaseLease()
            return try await close(end)
        }

        try await enter(.canaries)
        let canaries = Canary.all(for: settings, token: Self.newToken())
        try await engine.store.recordCanaries(
            host: host, boot: boot, attempt: attempt, canaries, at: engine.clock.date())
        if let end = await plant(canaries) {
            await releaseLease()
            return try await close(end)
        }

        if let end = try await takeSlot(boot) {
            await releaseLease()
            _ = await commands(settings.reboot.undrain, named: "undrain", else: .hookFailed)
            return try await close(end)
        }
        return try await send(
            Start(boot: boot, facts: look.observation.facts, canaries: canaries))
    }

    /// Hands the reboot over, once, and goes on to watch the host whatever became of the answer.
    func send(_ start: Start) async throws(StoreError) -> AttemptEnd {
        let note: String
        switch await handOver(start) {
        case .answered(.refused(let words)):
            await releaseLease()
            return try await close(AttemptEnd(.refused, words))
        case .answered(.accepted): note = "acknowledged"
        case .answered(.alreadySent): note = "it was handed over before"
        case .answered(.otherBoot): note = "it booted by itself before it was told to"
        case .lost(let words): note = "no acknowledgement: \(words)"
        }
        try await enter(.sent, AttemptChange(sentAt: engine.clock.date()), note: note)
        return try await watch(start)
    }

    /// Waits for a new boot and judges it.
    func watch(_ start: Start) async throws(StoreError) -> AttemptEnd {
        let booted: BootID
        switch await newBoot(after: start) {
        case .booted(let boot): booted = boot
        case .end(let end): return try await close(end)
        }
        try await enter(.booted, AttemptChange(bootIDAfter: booted))
        return try await prove(start, booted: booted)
    }

    /// Gathers the proof of a boot, judges it, and watches the host for its soak.
    func prove(_ start: Start, booted: BootID) async throws(StoreError) -> AttemptEnd {
        // Taken anew, because /run is: nobody else shall reboot the host while it is judged.
        _ = await takeLease()
        await settle()
        var look = try await engine.observe(settings, kind: .proof)
        var found = await engine.readCanaries(start.canaries, on: settings)
        var end = judge(look, found.readings, start, booted: booted)
        if end.reason == .evidenceIncomplete {
            // An answer that stayed away may only have been late, or the host went down again.
            switch await regained(booted) {
            case .same:
                look = try await engine.observe(settings, kind: .proof)
                found = await engine.readCanaries(start.canaries, on: settings)
                end = judge(look, found.readings, start, booted: booted)
            case .other(let now):
                end = AttemptEnd(.bootLoop, "it booted again while it was being judged (\(now))")
            case .lost: break
            }
        }
        if end.reason == .proven {
            var later = await soak(booted)
            if later == nil {
                later = await commands(
                    settings.reboot.undrain, named: "undrain", else: .healthFailed)
            }
            // The boot stays proven; that the host is not well is another matter.
            if let later {
                end = AttemptEnd(later.reason, later.message, verdict: end.verdict)
            }
        }
        await releaseLease()
        end = try await close(end, parts: found.parts)
        // After the verdict: until then the attempt's own canaries must stay as they are.
        if end.reason.state != .inconclusive {
            try await engine.leaveStandingCanaries(settings, in: booted)
        }
        return end
    }

    /// What marks this attempt on the host: its number here, and what no other database has.
    func mark(_ start: Start) -> String {
        "\(attempt.value)-\(start.canaries.first?.token.prefix(12) ?? "")"
    }
}
