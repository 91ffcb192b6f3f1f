import EbbModel
package import FoundationEssentials
import GRDB

extension Store {
    /// Starts a rollout: takes its hosts, and plans one attempt for each.
    ///
    /// Either all hosts are taken or, with `hostsBusy`, none: a host is busy while another rollout
    /// runs over it, and after that while an attempt that may have rebooted it is not decided.
    package func beginRollout(
        pattern: String, plan: String, planHash: String, controller: ControllerIdentity, hosts: [RolloutHost], at: Date
    ) async throws(StoreError) -> RolloutID {
        try await write { db in
            try Self.insertRollout(
                NewRollout(pattern: pattern, plan: plan, planHash: planHash, controller: controller, hosts: hosts),
                at: at, in: db)
        }
    }

    /// What a rollout is made of, before it has a number.
    struct NewRollout: Sendable {
        let pattern: String
        let plan: String
        let planHash: String
        let controller: ControllerIdentity
        let hosts: [RolloutHost]
    }

    /// Takes the hosts and writes the rollout with an attempt for each, in a transaction that the
    /// caller has begun.
    static func insertRollout(_ new: NewRollout, at: Date, in db: Database) throws -> RolloutID {
        try refuseBusy(new.hosts, in: db)
        try db.execute(
            sql: """
                INSERT INTO rollout (pattern, plan, planHash, controllerName, controllerPID,
                  controllerStartedAt, controllerBootID, controllerStartTicks,
                  controllerPIDNamespace, startedAt, lease, state)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'running')
                """,
            arguments: [
                new.pattern, new.plan, new.planHash, new.controller.hostname, new.controller.pid,
                new.controller.startedAt.milliseconds, new.controller.bootID?.text, new.controller.startTicks,
                new.controller.pidNamespace, at.milliseconds,
                "\(new.controller.hostname) " + String(UInt64.random(in: .min ... .max), radix: 16),
            ])
        let id = RolloutID(db.lastInsertedRowID)
        _ = try EvidenceChain.append(
            .rollout, host: nil, at: at,
            detail: RolloutDetail(
                rollout: id.value, state: .running, planHash: new.planHash, hosts: new.hosts.map(\.host),
                controller: new.controller), in: db)
        for (position, host) in new.hosts.enumerated() {
            try db.execute(
                sql: "INSERT INTO rolloutHost VALUES (?, ?, ?, ?, 1)",
                arguments: [id.value, try HostTable.id(of: host.host, in: db), host.wave, position])
            _ = try AttemptTable.start(rollout: id, host: host.host, number: 1, at: at, in: db)
        }
        return id
    }

    private static func refuseBusy(_ hosts: [RolloutHost], in db: Database) throws {
        let busy = try hosts.map(\.host).sorted().compactMap { host in
            try Int64.fetchOne(
                db,
                sql: """
                    SELECT rolloutID FROM rolloutHost JOIN host ON host.id = hostID
                    WHERE name = ? AND holds = 1
                    """, arguments: [host.text]
            ).map { StoreError.BusyHost(host: host, rollout: RolloutID($0)) }
        }
        guard let first = busy.first else { return }
        let others = busy.count > 1 ? " and \(busy.count - 1) more" : ""
        throw StoreError(
            .hostsBusy, host: first.host, "rollout \(first.rollout.value) holds this host\(others)", busy: busy)
    }

    /// Ends a rollout, and frees every host whose attempt is decided or was never sent.
    ///
    /// Attempts that have not reached `intent` become `skipped`. One that may have been sent and is
    /// not decided keeps its host until it is decided or a person overrides it.
    package func finishRollout(
        _ rollout: RolloutID, state: RolloutState, at: Date, reason: String? = nil, fence: Int? = nil
    ) async throws(StoreError) {
        try await write { db in
            try RolloutTable.check(fence: fence, of: rollout, in: db)
            let current = try RolloutTable.one(rollout, in: db)
            guard current.state == .running, state != .running else {
                throw StoreError(.invalidTransition, "rollout \(rollout.value) is \(current.state.rawValue) already")
            }
            let reason = try reason ?? Self.abortRequest(of: rollout, in: db)?.reason
            try db.execute(
                sql: "UPDATE rollout SET state = ?, endedAt = ?, reason = ? WHERE id = ?",
                arguments: [state.rawValue, max(at, current.startedAt).milliseconds, reason, rollout.value])
            _ = try EvidenceChain.append(
                .rollout, host: nil, at: at,
                detail: RolloutDetail(rollout: rollout.value, state: state, reason: reason), in: db)
            for attempt in try AttemptTable.fetch(
                db, "WHERE attempt.rolloutID = ? ORDER BY attempt.id", arguments: [rollout.value])
            {
                if !attempt.state.isFinal, !attempt.state.mayHaveRebooted {
                    try Self.apply(
                        .skipped, to: attempt, at: at, AttemptChange(reason: "the rollout ended (\(state.rawValue))"),
                        detail: [:], parts: [], in: db)
                } else if attempt.state.freesHost || attempt.override != nil {
                    try AttemptTable.freeHost(attempt, in: db)
                }
            }
        }
    }

    /// Takes a rollout over from a controller that has ended; gives the new fence.
    ///
    /// - Important: Whether the other one has ended is for the caller to find out. Where it has
    ///   not, its next step throws `fenced`, if it names its own fence.
    package func takeOver(_ rollout: RolloutID, by controller: ControllerIdentity, expectedFence: Int, at: Date)
        async throws(StoreError) -> Int
    {
        try await write { db in
            try RolloutTable.check(fence: expectedFence, of: rollout, in: db)
            try db.execute(
                sql: """
                    UPDATE rollout SET controllerName = ?, controllerPID = ?,
                      controllerStartedAt = ?, controllerBootID = ?, controllerStartTicks = ?,
                      controllerPIDNamespace = ?, fence = fence + 1
                    WHERE id = ?
                    """,
                arguments: [
                    controller.hostname, controller.pid, controller.startedAt.milliseconds, controller.bootID?.text,
                    controller.startTicks, controller.pidNamespace, rollout.value,
                ])
            _ = try EvidenceChain.append(
                .rollout, host: nil, at: at,
                detail: RolloutDetail(rollout: rollout.value, state: .running, controller: controller), in: db)
            return expectedFence + 1
        }
    }

    /// Rollouts that nobody has ended, the oldest first.
    package func unfinishedRollouts() async throws(StoreError) -> [StoredRollout] {
        try await read { try RolloutTable.fetch($0, "WHERE state = 'running' ORDER BY id") }
    }

    /// One rollout; throws `notFound` where there is none.
    package func rollout(_ id: RolloutID) async throws(StoreError) -> StoredRollout {
        try await read { try RolloutTable.one(id, in: $0) }
    }

    /// The newest rollouts, the newest first.
    package func rollouts(limit: Int = 1) async throws(StoreError) -> [StoredRollout] {
        try await read { try RolloutTable.fetch($0, "ORDER BY id DESC LIMIT ?", arguments: [limit]) }
    }
}

/// What a rollout's row in the evidence chain says.
private struct RolloutDetail: Codable {
    let rollout: Int64
    let state: RolloutState
    var planHash: String?
    var hosts: [HostName]?
    var controller: ControllerIdentity?
    var reason: String?
}
