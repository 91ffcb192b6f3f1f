import EbbModel
import EbbPlan
import EbbProbe
import EbbStore
import FoundationEssentials

/// The attempt's dealings with the journal, and the questions it puts to the pure modules.
extension AttemptRunner {
    /// Journals a state before its effect.
    func enter(
        _ state: AttemptState, bootBefore: BootID? = nil, bootAfter: BootID? = nil,
        deadline: Date? = nil, note: String = ""
    ) async throws(StoreError) {
        try await engine.store.advance(
            attempt, to: state, at: engine.clock.date(),
            AttemptProgress(
                bootIDBefore: bootBefore, bootIDAfter: bootAfter, deadline: deadline, note: note))
        tell(.entered(host, state, note: note))
    }

    /// Journals the end of the attempt, with the verdict on its boot.
    func close(_ end: AttemptEnd, booted: BootID? = nil) async throws(StoreError) -> AttemptEnd {
        try await engine.store.advance(
            attempt, to: end.reason.state, at: engine.clock.date(),
            AttemptProgress(
                reason: end.reason.rawValue, note: end.message, verdict: end.verdict))
        tell(.ended(host, end))
        return end
    }

    /// Why the host must not be rebooted now; `nil` when it may be.
    func objection(to look: HostLook) -> AttemptEnd? {
        if let error = look.transportError {
            return AttemptEnd(.unreachable, error.message)
        }
        let gate = PreflightGate(
            settings: settings, controller: controller, acceptsLoss: acceptsLoss)
        return gate.objection(
            to: look.observation, declared: look.declared, entries: look.entries)
    }

    /// What the look after the boot proves.
    func judge(_ look: HostLook, _ start: Start, booted: BootID) -> AttemptEnd {
        if let error = look.transportError {
            return AttemptEnd(
                .evidenceIncomplete, "it fell silent after the boot: \(error.message)",
                verdict: BootVerdict(
                    erasure: .unknown, retention: .unknown, reasons: [error.message]))
        }
        if let now = look.observation.facts.bootID, now != booted {
            return AttemptEnd(.bootLoop, "it booted again while it was being judged (\(now))")
        }
        let gap = ProbeGap(probe: "canaries", reason: .failed, message: "no answer")
        let result = look.answers["canaries"]
        let readings = CanaryShell.readings(
            of: start.canaries, in: result?.output ?? [], gap: result?.gap ?? gap)
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
