import EbbModel
import EbbPlan
import EbbProbe
import EbbStore
import FoundationEssentials

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
