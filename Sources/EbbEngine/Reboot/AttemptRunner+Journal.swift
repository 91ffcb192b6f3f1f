import EbbModel
import EbbPlan
import EbbProbe
import EbbStore
import EbbTransport
import FoundationEssentials

/// The attempt's dealings with the journal, and the questions it puts to the pure modules.
extension AttemptRunner {
    /// Journals a state before its effect.
    func enter(
        _ state: AttemptState, _ change: AttemptChange = AttemptChange(), note: String = "",
        parts: [EvidencePart] = []
    ) async throws(StoreError) {
        try await engine.store.advance(
            attempt, to: state, at: engine.clock.date(), change,
            detail: note.isEmpty ? [:] : ["note": note], parts: parts, fence: fence)
        tell(.entered(host, state, note: note))
    }

    /// Journals the intent, and takes the host's slot with it; an end when its groups have none left.
    func takeSlot(_ boot: BootID) async throws(StoreError) -> AttemptEnd? {
        let now = engine.clock.date()
        let (budgets, settings) = (budgets, settings)
        do throws(StoreError) {
            try await engine.store.advance(
                attempt, to: .intent, at: now,
                AttemptChange(
                    bootIDBefore: boot,
                    deadline: now.addingTimeInterval(Double(settings.reboot.timeout))),
                fence: fence, refusal: { budgets.refusal(of: settings, among: $0) })
        } catch {
            guard error.code == .noSlot else { throw error }
            return AttemptEnd(.maxUnavailable, error.message)
        }
        tell(.entered(host, .intent, note: ""))
        return nil
    }

    /// Journals the end of the attempt, with the verdict on its boot.
    func close(
        _ end: AttemptEnd, parts: [EvidencePart] = []
    ) async throws(StoreError) -> AttemptEnd {
        try await engine.store.advance(
            attempt, to: end.reason.state, at: engine.clock.date(),
            AttemptChange(verdict: end.verdict, reason: end.reason.rawValue),
            detail: ["message": end.message], parts: parts, fence: fence)
        tell(.ended(host, end))
        return end
    }

    /// What the look after the boot proves.
    func judge(
        _ look: HostLook, _ readings: [CanaryReading], _ start: Start, booted: BootID
    ) -> AttemptEnd {
        if let error = look.transportError {
            return AttemptEnd(
                .evidenceIncomplete, "it fell silent after the boot: \(error.message)",
                verdict: BootVerdict(
                    erasure: .unknown, retention: .unknown, reasons: [error.message]))
        }
        if let now = look.observation.facts.bootID, now != booted {
            return AttemptEnd(.bootLoop, "it booted again while it was being judged (\(now))")
        }
        return BootProof.judge(
            BootEvidence(
                strategy: settings.root?.strategy ?? .none, before: start.facts,
                after: look.observation.facts, observedStrategy: look.observation.strategy,
                canaries: start.canaries, readings: readings, declared: look.declared,
                gaps: look.observation.gaps.filter { $0.probe != "drift" }))
    }

    /// Thirty-two hexadecimal digits that nobody can guess.
    static func newToken() -> String { ProbeNonce.random().text }
}
