package import EbbModel
package import EbbPlan
package import EbbStore
import FoundationEssentials

/// Attempts that ended without an answer, asked again when their hosts may have one.
extension Engine {
    /// Judges the boot of a host that stayed away too long and is back, or was not understood.
    ///
    /// The host is asked for its boot first, and observed only where that is a new one. A boot that is
    /// proven now frees the slot, and so does a host that turns out never to have been told to reboot;
    /// the attempt's own verdict stays what it was. Any other answer is recorded for the boot and
    /// frees nothing.
    ///
    /// `backingOff` leaves a host alone for longer and longer that was observed in vain.
    ///
    /// - Returns: What became of the host; `nil` while there is nothing new to say.
    package func judgeLate(_ attempt: StoredAttempt, _ settings: HostSettings, backingOff: Bool = false)
        async throws(StoreError) -> AttemptEnd?
    {
        guard attempt.state == .inconclusive, let old = attempt.bootIDBefore else { return nil }
        let canaries = try await store.canaries(of: attempt.id)
        guard !canaries.isEmpty, let before = try await store.facts(of: settings.host, during: old) else { return nil }
        if backingOff {
            let last = try await store.latestObservation(of: settings.host, kinds: [.proof])
            let isDue = LateTry.isDue(endedAt: attempt.updatedAt, lastTry: last?.observedAt, now: clock.date())
            guard isDue else { return nil }
        }
        switch await probeBoot(settings) {
        case .answered(old), .restarted(old): return try await freeUntold(attempt, settings, old)
        case .answered, .restarted: break
        case .silent, .mute, .otherHostKey, .refusedLogin, .otherMachine: return nil
        }
        let look = try await observe(settings, kind: .proof)
        guard look.transportError == nil, let boot = look.observation.facts.bootID, boot != old else { return nil }
        let judgement = try await judgeBoot(
            look.observation, declared: look.declared, settings: settings, before: before, canaries: canaries,
            comparison: look.comparison)
        let end = judgement.end
        guard let verdict = end.verdict else { return end }
        try await store.recordBootVerdict(
            host: settings.host, boot, verdict, attempt: attempt.id, at: clock.date(), parts: judgement.parts)
        if end.reason == .proven {
            try await store.recordOverride(
                attempt.id, author: "ebb", reason: "it answered later, and its boot \(boot) is proven", at: clock.date()
            )
            try await leaveStandingCanaries(settings, in: boot)
            let problem = await commands(settings.reboot.undrain, named: "undrain", on: settings, else: .hookFailed)
            if let problem { return end.adding("undraining it failed: \(problem.message)") }
        }
        return end
    }

    /// Frees a host that still runs the old boot and that no reboot was ever handed over to.
    private func freeUntold(_ attempt: StoredAttempt, _ settings: HostSettings, _ boot: BootID) async throws(StoreError)
        -> AttemptEnd?
    {
        guard let canaries = try? await store.canaries(of: attempt.id) else { return nil }
        let mark = AttemptStart.mark(attempt.id, canaries)
        guard case .withdrawn = await withdrawReboot(settings, before: boot, mark: mark) else { return nil }
        let words = "it still runs boot \(boot), and was never told to reboot"
        try await store.recordOverride(attempt.id, author: "ebb", reason: words, at: clock.date())
        return AttemptEnd(.aborted, words)
    }
}
