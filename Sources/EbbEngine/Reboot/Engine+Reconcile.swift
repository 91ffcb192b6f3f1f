package import EbbModel
package import EbbPlan
package import EbbStore

/// Attempts that ended without an answer, asked again when their hosts may have one.
extension Engine {
    /// Judges the boot of a host that stayed away too long and is back, or was not understood.
    ///
    /// A boot that is proven now frees the slot; the attempt's own verdict stays what it was. Any
    /// other answer is recorded for the boot and frees nothing.
    ///
    /// - Returns: What the boot proves; `nil` while the host still has no new boot to judge.
    package func judgeLate(
        _ attempt: StoredAttempt, _ settings: HostSettings
    ) async throws(StoreError) -> AttemptEnd? {
        guard attempt.state == .inconclusive, let old = attempt.bootIDBefore else { return nil }
        let canaries = try await store.canaries(of: attempt.id)
        guard !canaries.isEmpty, let before = try await store.facts(of: settings.host, during: old)
        else { return nil }
        let look = try await observe(settings, kind: .proof)
        guard look.transportError == nil, let boot = look.observation.facts.bootID, boot != old
        else { return nil }
        let found = await readCanaries(canaries, on: settings)
        let end = BootProof.judge(
            BootEvidence(
                strategy: settings.root?.strategy ?? .none, before: before,
                after: look.observation.facts, observedStrategy: look.observation.strategy,
                canaries: canaries, readings: found.readings, declared: look.declared,
                gaps: look.observation.gaps.filter { $0.probe != "drift" }))
        guard let verdict = end.verdict else { return end }
        try await store.recordBootVerdict(
            host: settings.host, boot, verdict, attempt: attempt.id, at: clock.date(),
            parts: found.parts)
        if end.reason == .proven {
            try await store.recordOverride(
                attempt.id, author: "ebb",
                reason: "it answered later, and its boot \(boot) is proven", at: clock.date())
            try await leaveStandingCanaries(settings, in: boot)
        }
        return end
    }
}
