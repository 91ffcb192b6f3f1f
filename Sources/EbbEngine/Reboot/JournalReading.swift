import EbbModel
import EbbPlan
import EbbStore
import FoundationEssentials

/// Reads from the journal of an interrupted rollout where each host is resumed.
struct JournalReading: Sendable {
    let store: Store
    let rollout: RolloutID
    let fence: Int

    /// Hosts whose attempts are over, and hosts in the middle of one.
    ///
    /// An attempt that was never sent is closed and planned anew, so that its questions are asked
    /// again; one that may have been sent goes on, whatever it takes to learn what became of it.
    func read() async throws -> (
        ended: [HostName: AttemptReason], ongoing: [RolloutRunner.Ongoing]
    ) {
        var newest: [HostName: StoredAttempt] = [:]
        for attempt in try await store.attempts(of: rollout) { newest[attempt.host] = attempt }
        var ended: [HostName: AttemptReason] = [:]
        var ongoing: [RolloutRunner.Ongoing] = []
        for attempt in newest.values {
            switch attempt.state {
            case .planned: continue
            case .preflight, .canaries: try await planAnew(attempt)
            case .intent: ongoing.append(try await going(attempt, .send))
            case .sent: ongoing.append(try await going(attempt, .watch))
            case .booted:
                guard let boot = attempt.bootIDAfter else {
                    ongoing.append(try await going(attempt, .watch))
                    continue
                }
                ongoing.append(try await going(attempt, .prove(boot)))
            case .proven, .failed, .inconclusive, .skipped:
                ended[attempt.host] =
                    attempt.reason.flatMap(AttemptReason.init(rawValue:)) ?? .evidenceIncomplete
            }
        }
        return (ended, ongoing)
    }

    private func planAnew(_ attempt: StoredAttempt) async throws {
        try await store.advance(
            attempt.id, to: .skipped, at: Date(),
            AttemptChange(reason: AttemptReason.aborted.rawValue),
            detail: ["message": "its controller ended before the reboot was sent"], fence: fence)
        _ = try await store.beginAttempt(
            rollout: rollout, host: attempt.host, at: Date(), fence: fence)
    }

    private func going(
        _ attempt: StoredAttempt, _ step: RolloutRunner.Ongoing.Step
    ) async throws -> RolloutRunner.Ongoing {
        let canaries = try await store.canaries(of: attempt.id)
        guard let boot = attempt.bootIDBefore, !canaries.isEmpty else {
            throw Failure(
                .toolFailure, "the journal of \(attempt.host) lacks its boot id or its canaries")
        }
        let look = try await store.latestObservation(of: attempt.host, kinds: [.preflight])
        return RolloutRunner.Ongoing(
            host: attempt.host, step: step, boot: boot,
            facts: look?.observation?.facts ?? HostFacts(bootID: boot),
            canaries: canaries)
    }
}
