package import EbbModel
package import EbbPlan
package import EbbStore

/// Reads from the journal of an interrupted rollout where each host is resumed.
package struct JournalReading: Sendable {
    let store: Store
    let rollout: RolloutID

    /// Hosts whose attempts are over, and hosts in the middle of one; the others wait for their turn.
    package func read() async throws(StoreError) -> (ended: [HostName: AttemptReason], ongoing: [RolloutRunner.Ongoing])
    {
        var newest: [HostName: StoredAttempt] = [:]
        for attempt in try await store.attempts(of: rollout) { newest[attempt.host] = attempt }
        var ended: [HostName: AttemptReason] = [:]
        var ongoing: [RolloutRunner.Ongoing] = []
        for attempt in newest.values {
            if attempt.state.isFinal {
                ended[attempt.host] = attempt.reason.flatMap(AttemptReason.init(rawValue:)) ?? .evidenceIncomplete
            } else if let step = try await step(attempt) {
                ongoing.append(RolloutRunner.Ongoing(host: attempt.host, step: step))
            }
        }
        return (ended, ongoing)
    }

    /// What comes next for a host in the middle of an attempt; `nil` where nothing was done yet.
    private func step(_ attempt: StoredAttempt) async throws(StoreError) -> RolloutRunner.Ongoing.Step? {
        switch attempt.state {
        case .preflight, .canaries: .close
        case .intent: .ask(try await start(of: attempt))
        case .sent: .watch(try await start(of: attempt))
        case .booted:
            if let boot = attempt.bootIDAfter {
                .prove(try await start(of: attempt), boot)
            } else {
                .watch(try await start(of: attempt))
            }
        case .planned, .proven, .failed, .inconclusive, .skipped: nil
        }
    }

    /// What is known of the host in the boot that the attempt was to end.
    private func start(of attempt: StoredAttempt) async throws(StoreError) -> AttemptStart {
        let canaries = try await store.canaries(of: attempt.id)
        guard let boot = attempt.bootIDBefore, !canaries.isEmpty else {
            throw StoreError(
                .corrupt, host: attempt.host,
                "the journal of attempt \(attempt.id.value) lacks its boot id or its canaries")
        }
        // Of that boot and no other: an observation of the new one is no evidence of the old.
        let facts = try await store.facts(of: attempt.host, during: boot)
        return AttemptStart(boot: boot, facts: facts ?? HostFacts(bootID: boot), canaries: canaries)
    }
}
