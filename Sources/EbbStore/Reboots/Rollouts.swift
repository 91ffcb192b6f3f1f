package import EbbModel
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
        try await write { db in try Self.insertRollout(pattern, plan, planHash, controller, hosts, at: at, in: db) }
    }

    /// Takes the hosts and writes the rollout with an attempt for each, in a transaction that the
    /// caller has begun.
    static func insertRollout(
        _ pattern: String, _ plan: String, _ planHash: String, _ controller: ControllerIdentity, _ hosts: [RolloutHost],
        at: Date, in db: Database
    ) throws -> RolloutID {
        try refuseBusy(hosts, in: db)
        try db.insert(
            "INTO rollout",
            [
                "pattern": pattern, "plan": plan, "planHash": planHash, "controllerName": controller.hostname,
                "controllerPID": controller.pid, "controllerStartedAt": controller.startedAt.milliseconds,
                "controllerBootID": controller.bootID?.text, "controllerStartTicks": controller.startTicks,
                "controllerPIDNamespace": controller.pidNamespace, "startedAt": at.milliseconds, "state": "running",
                "lease": "\(controller.hostname) " + String(UInt64.random(in: .min ... .max), radix: 16),
            ])
        let id = RolloutID(db.lastInsertedRowID)
        _ = try EvidenceChain.append(
            .rollout, host: nil, at: at,
            detail: RolloutDetail(
                rollout: id.value, state: .running, planHash: planHash, hosts: hosts.map(\.host), controller: controller
            ), in: db)
        for (position, host) in hosts.enumerated() {
            try db.execute(
                sql: "INSERT INTO rolloutHost VALUES (?, ?, ?, ?, 1)",
                arguments: [id.value, try db.id(of: host.host), host.wave, position])
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
                } else if attempt.override != nil, attempt.state != .failed {
                    try AttemptTable.freeDecided(attempt, in: db)
                } else if attempt.state.freesHost {
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

/// How a rollout stands.
package enum RolloutState: String, Sendable, Codable, CaseIterable {
    /// Somebody runs it, or ended without saying so.
    case running
    /// Every host had its turn.
    case finished
    /// The failure budget or a stop flag ended it.
    case halted
    /// A person ended it.
    case aborted
}

/// A host and the wave in which it is rebooted, the first being 0.
package struct RolloutHost: Sendable, Hashable {
    package let host: HostName
    package let wave: Int

    package init(host: HostName, wave: Int) { (self.host, self.wave) = (host, wave) }
}

/// One rollout, as it is stored.
package struct StoredRollout: Sendable, Hashable {
    package let id: RolloutID
    package let pattern: String
    /// The plan as JSON, exactly as it was given.
    package let plan: String
    package let planHash: String
    package let controller: ControllerIdentity
    /// Grows with every controller that takes the rollout over.
    package let fence: Int
    /// What the rollout calls itself on its hosts, beside its number.
    package let lease: String
    package let startedAt: Date
    package let state: RolloutState
    package let endedAt: Date?
    /// Why it was halted or aborted.
    package let reason: String?
    /// The hosts, in the plan's order.
    package let hosts: [RolloutHost]
}

/// Reads the table of rollouts.
enum RolloutTable {
    static func one(_ id: RolloutID, in db: Database) throws -> StoredRollout {
        guard let rollout = try fetch(db, "WHERE id = ?", arguments: [id.value]).first else {
            throw StoreError(.notFound, "there is no rollout \(id.value) in this database")
        }
        return rollout
    }

    static func fetch(_ db: Database, _ condition: String, arguments: StatementArguments = []) throws -> [StoredRollout]
    {
        try Row.fetchAll(db, sql: "SELECT * FROM rollout \(condition)", arguments: arguments).map { row in
            let id: Int64 = row["id"]
            return StoredRollout(
                id: RolloutID(id), pattern: row["pattern"], plan: row["plan"], planHash: row["planHash"],
                controller: try controller(row), fence: row["fence"], lease: row["lease"],
                startedAt: row.date("startedAt"), state: try row.word("state"), endedAt: row.dateIfAny("endedAt"),
                reason: row["reason"], hosts: try hosts(of: id, in: db))
        }
    }

    private static func controller(_ row: Row) throws -> ControllerIdentity {
        ControllerIdentity(
            hostname: row["controllerName"], pid: Int32(clamping: row["controllerPID"] as Int64),
            startedAt: row.date("controllerStartedAt"), bootID: try row.bootIfAny("controllerBootID"),
            startTicks: row["controllerStartTicks"], pidNamespace: row["controllerPIDNamespace"])
    }

    private static func hosts(of rollout: Int64, in db: Database) throws -> [RolloutHost] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT name, wave FROM rolloutHost JOIN host ON host.id = hostID
                WHERE rolloutID = ? ORDER BY wave, position
                """, arguments: [rollout]
        ).map { RolloutHost(host: try $0.host("name"), wave: $0["wave"]) }
    }

    /// Throws `fenced` when a later controller has the rollout.
    static func check(fence: Int?, of rollout: RolloutID, in db: Database) throws {
        guard let fence else { return }
        let current = try Int.fetchOne(db, sql: "SELECT fence FROM rollout WHERE id = ?", arguments: [rollout.value])
        guard current == fence else {
            throw StoreError(.fenced, "another controller has taken rollout \(rollout.value) over")
        }
    }
}

/// The process that runs a rollout, so that another one can tell whether it still lives.
package struct ControllerIdentity: Sendable, Hashable, Codable {
    /// The controller's host name.
    package let hostname: String
    package let pid: Int32
    /// When the process said so first; for people, because clocks are set.
    package let startedAt: Date
    /// The controller's own boot, where it can be read.
    package let bootID: BootID?
    /// Clock ticks from the start of the kernel to that of the process.
    ///
    /// A process number alone is used again. `nil`: an older Ebb wrote this, or they could not be read.
    package let startTicks: Int64?
    /// The namespace in which the process number counts, where it can be read.
    package let pidNamespace: String?

    package init(
        hostname: String, pid: Int32, startedAt: Date, bootID: BootID?, startTicks: Int64? = nil,
        pidNamespace: String? = nil
    ) {
        (self.hostname, self.pid, self.startedAt, self.bootID) = (hostname, pid, startedAt, bootID)
        (self.startTicks, self.pidNamespace) = (startTicks, pidNamespace)
    }
}
