package import EbbModel
package import FoundationEssentials
import GRDB

extension Store {
    /// Writes an attempt's next state to the journal, before the effect that the state names.
    ///
    /// Throws `invalidTransition` unless `to` is among the `successors` of the stored state, and
    /// `refused` where the schema asks for more: from `intent` on the boot id before and the
    /// deadline, from `booted` on another boot id after, for `proven` a proven verdict, for the
    /// other final states a reason.
    ///
    /// With `intent` the host takes its slot, which counts in `limits` from then on, unless `refusal` says, of the slots that are held in
    /// that very moment, why it must not: then `noSlot` is thrown and nothing was written.
    /// `proven` frees it.
    /// A verdict about a known new boot is stored for that boot as well.
    package func advance(
        _ attempt: AttemptID, to state: AttemptState, at: Date, _ change: AttemptChange = AttemptChange(),
        detail: [String: String] = [:], parts: [EvidencePart] = [], fence: Int? = nil, limits: [String]? = nil,
        refusal: @escaping @Sendable ([Slot]) -> String? = { _ in nil }
    ) async throws(StoreError) {
        try await write { db in
            let current = try AttemptTable.one(attempt, in: db)
            try RolloutTable.check(fence: fence, of: current.rollout, in: db)
            if state == .intent { try SlotTable.take(for: current, limits: limits, unless: refusal, at: at, in: db) }
            try Self.apply(state, to: current, at: at, change, detail: detail, parts: parts, in: db)
        }
    }

    /// Writes a line to an attempt's journal without changing its state.
    package func note(
        _ attempt: AttemptID, at: Date, detail: [String: String], parts: [EvidencePart] = [], fence: Int? = nil
    ) async throws(StoreError) {
        try await write { db in
            let current = try AttemptTable.one(attempt, in: db)
            try RolloutTable.check(fence: fence, of: current.rollout, in: db)
            try AttemptTable.append(
                AttemptTable.Detail(
                    attempt: attempt.value, rollout: current.rollout.value, number: current.number,
                    state: current.state.rawValue, detail: detail), host: current.host, at: at, bootID: nil,
                parts: parts, in: db)
        }
    }

    /// Plans one more attempt at a host of a running rollout, after the one before was decided.
    package func beginAttempt(rollout: RolloutID, host: HostName, at: Date, fence: Int? = nil) async throws(StoreError)
        -> AttemptID
    {
        try await write { db in
            try RolloutTable.check(fence: fence, of: rollout, in: db)
            let before = try AttemptTable.fetch(
                db, "WHERE attempt.rolloutID = ? AND host.name = ? ORDER BY number DESC LIMIT 1",
                arguments: [rollout.value, host.text]
            ).first
            guard let before else {
                throw StoreError(.notFound, host: host, "the host is not in rollout \(rollout.value)")
            }
            let isRunning = try RolloutTable.one(rollout, in: db).state == .running
            let isDecided = before.state != .inconclusive || before.override != nil
            guard before.state.isFinal, isDecided, isRunning else {
                throw StoreError(
                    .invalidTransition, host: host,
                    "attempt \(before.number) is \(before.state.rawValue) and not decided")
            }
            return try AttemptTable.start(rollout: rollout, host: host, number: before.number + 1, at: at, in: db)
        }
    }

    /// Keeps a person's decision that an undecided attempt no longer holds its slot and its host.
    ///
    /// The attempt's state stays what the evidence made it. One that is under way in a rollout that
    /// runs keeps both until its end: its host may be going down in that very moment. Where that end
    /// is a failure, the slot stays held: the evidence is newer than the decision.
    package func recordOverride(_ attempt: AttemptID, author: String, reason: String, at: Date) async throws(StoreError)
    {
        try await write { db in
            let current = try AttemptTable.one(attempt, in: db)
            guard current.state != .proven else {
                throw StoreError(.invalidTransition, host: current.host, "attempt \(current.number) is proven")
            }
            let evidence = try EvidenceChain.append(
                .override, host: current.host, at: at,
                detail: ["attempt": String(attempt.value), "author": author, "reason": reason], in: db)
            try db.insert(
                "INTO override",
                [
                    "attemptID": attempt.value, "at": at.milliseconds, "author": author, "reason": reason,
                    "evidenceID": evidence.value,
                ])
            let isUnderWay = try RolloutTable.one(current.rollout, in: db).state == .running && !current.state.isFinal
            if !isUnderWay { try AttemptTable.freeDecided(current, in: db) }
        }
    }

    /// One attempt; throws `notFound` where there is none.
    package func attempt(_ id: AttemptID) async throws(StoreError) -> StoredAttempt {
        try await read { try AttemptTable.one(id, in: $0) }
    }

    /// A rollout's attempts, in the plan's order.
    package func attempts(of rollout: RolloutID) async throws(StoreError) -> [StoredAttempt] {
        try await read { db in
            try AttemptTable.fetch(
                db, "WHERE attempt.rolloutID = ? ORDER BY wave, position, number", arguments: [rollout.value])
        }
    }

    /// A host's attempts over all rollouts, the newest first.
    package func attempts(of host: HostName, limit: Int = 50) async throws(StoreError) -> [StoredAttempt] {
        try await read { db in
            try AttemptTable.fetch(
                db, "WHERE host.name = ? ORDER BY attempt.id DESC LIMIT ?", arguments: [host.text, limit])
        }
    }

    /// Every attempt that holds its host and may have been sent: what a start must reconcile.
    package func undecidedAttempts() async throws(StoreError) -> [StoredAttempt] {
        try await read { db in
            try AttemptTable.fetch(
                db,
                """
                WHERE holds = 1 AND attempt.state IN ('intent', 'sent', 'booted', 'inconclusive')
                  AND number = (SELECT max(number) FROM attempt AS other
                    WHERE other.rolloutID = attempt.rolloutID AND other.hostID = attempt.hostID)
                ORDER BY attempt.id
                """, arguments: [])
        }
    }

    /// An attempt's journal, the oldest line first.
    package func events(of attempt: AttemptID) async throws(StoreError) -> [AttemptEvent] {
        try await read { try AttemptTable.events(of: attempt, newestFirst: false, limit: 10_000, in: $0) }
    }

    static func apply(
        _ state: AttemptState, to attempt: StoredAttempt, at: Date, _ change: AttemptChange, detail: [String: String],
        parts: [EvidencePart], in db: Database
    ) throws {
        guard attempt.state.successors.contains(state) else {
            throw StoreError(
                .invalidTransition, host: attempt.host,
                "attempt \(attempt.id.value) is \(attempt.state.rawValue): it cannot become " + state.rawValue)
        }
        try db.execute(
            sql: """
                UPDATE attempt SET state = ?, updatedAt = ?,
                  bootIDBefore = coalesce(?, bootIDBefore),
                  bootIDAfter = coalesce(?, bootIDAfter), sentAt = coalesce(?, sentAt),
                  deadline = coalesce(?, deadline), erasure = coalesce(?, erasure),
                  retention = coalesce(?, retention),
                  verdictReasons = coalesce(?, verdictReasons), census = coalesce(?, census), reason = coalesce(?, reason)
                WHERE id = ?
                """,
            arguments: [
                state.rawValue, at.milliseconds, change.bootIDBefore?.text, change.bootIDAfter?.text,
                change.sentAt?.milliseconds, change.deadline?.milliseconds, change.verdict?.erasure.rawValue,
                change.verdict?.retention.rawValue, try change.verdict.map { try StoredJSON.text(of: $0.reasons) },
                try change.verdict?.census.map { try StoredJSON.text(of: $0) }, change.reason, attempt.id.value,
            ])
        let newBoot = change.bootIDAfter ?? attempt.bootIDAfter
        try AttemptTable.append(
            AttemptTable.Detail(
                attempt: attempt.id.value, rollout: attempt.rollout.value, number: attempt.number,
                state: state.rawValue, detail: detail, reason: change.reason, verdict: change.verdict,
                bootIDAfter: newBoot?.text), host: attempt.host, at: at,
            bootID: newBoot ?? change.bootIDBefore ?? attempt.bootIDBefore, parts: parts, in: db)
        try noteBoots(of: attempt, change, newBoot: newBoot, at: at, in: db)
        if state.isFinal, state != .failed, attempt.override != nil {
            try AttemptTable.freeDecided(attempt, in: db)
        } else if state.isFinal, state.freesHost {
            try AttemptTable.freeHost(attempt, in: db)
        }
        switch state {
        case .proven: try SlotTable.free(host: attempt.host, in: db)
        case .skipped: try SlotTable.giveBack(attempt, in: db)
        default: break
        }
    }

    private static func noteBoots(
        of attempt: StoredAttempt, _ change: AttemptChange, newBoot: BootID?, at: Date, in db: Database
    ) throws {
        let hostID = try db.id(of: attempt.host)
        if let before = change.bootIDBefore { try BootTable.see(before, hostID: hostID, at: at, in: db) }
        guard let newBoot else { return }
        if let verdict = change.verdict {
            try BootTable.judge(newBoot, verdict, host: attempt.host, attempt: attempt.id, at: at, parts: [], in: db)
        } else {
            try BootTable.see(newBoot, hostID: hostID, at: at, in: db)
            try db.execute(
                sql: "UPDATE boot SET attemptID = ? WHERE hostID = ? AND bootID = ?",
                arguments: [attempt.id.value, hostID, newBoot.text])
        }
    }

    /// The newest part of that name among the evidence that was gathered during a boot of the host.
    ///
    /// `nil`: there is none, or its bytes were pruned.
    package func part(_ name: String, of host: HostName, during boot: BootID) async throws(StoreError) -> [UInt8]? {
        try await read(of: host, none: nil) { db, hostID in
            let digest = try Data.fetchOne(
                db,
                sql: """
                    SELECT digest FROM evidencePart JOIN evidence ON evidence.id = evidenceID
                    WHERE hostID = ? AND bootID = ? AND name = ? ORDER BY evidence.id DESC LIMIT 1
                    """, arguments: [hostID, boot.text, name])
            return try digest.flatMap { try Content.bytes($0, in: db) }
        }
    }

    /// What was known of a host in one of its boots, from the newest observation then that read most.
    ///
    /// One that broke off knows less than the one before it, and would make a proof of nothing.
    package func facts(of host: HostName, during boot: BootID) async throws(StoreError) -> HostFacts? {
        try await read(of: host, none: nil) { db, hostID in
            let rows = try ObservationTable.rows(
                db,
                """
                WHERE hostID = ? AND bootID = ? AND reachable = 1 AND factsDigest IS NOT NULL
                ORDER BY id DESC LIMIT 20
                """, arguments: [hostID, boot.text])
            var best: HostFacts?
            for row in rows {
                guard let facts = try ObservationTable.stored(row, in: db).observation?.facts else { continue }
                if let known = best, known.extent >= facts.extent { continue }
                best = facts
            }
            return best
        }
    }

    /// The rollout of this database that calls itself so on its hosts; `nil`: none does.
    package func rollout(withLease lease: String) async throws(StoreError) -> StoredRollout? {
        try await read { try RolloutTable.fetch($0, "WHERE lease = ?", arguments: [lease]).first }
    }

    /// Whether an attempt at the host is on its way between being sent and being judged.
    package func isBeingRebooted(_ host: HostName) async throws(StoreError) -> Bool {
        try await read { db in
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM attempt JOIN host ON host.id = hostID
                      WHERE name = ? AND state IN ('intent', 'sent', 'booted'))
                    """, arguments: [host.text]) ?? false
        }
    }
}

extension HostFacts {
    /// How many of the facts that a proof compares are known.
    fileprivate var extent: Int {
        [machineID != nil, !mounts.isEmpty, failedUnits != nil, rootIdentity != nil].count { $0 }
    }
}
