package import EbbModel
package import FoundationEssentials
import GRDB

/// What a step of an attempt learned; `nil` members leave what is stored as it is.
package struct AttemptChange: Sendable, Hashable {
    package var bootIDBefore: BootID?
    package var bootIDAfter: BootID?
    package var sentAt: Date?
    package var deadline: Date?
    package var verdict: BootVerdict?
    package var reason: String?

    package init(
        bootIDBefore: BootID? = nil, bootIDAfter: BootID? = nil, sentAt: Date? = nil, deadline: Date? = nil,
        verdict: BootVerdict? = nil, reason: String? = nil
    ) {
        (self.bootIDBefore, self.bootIDAfter, self.sentAt) = (bootIDBefore, bootIDAfter, sentAt)
        (self.deadline, self.verdict, self.reason) = (deadline, verdict, reason)
    }
}

/// One attempt to reboot one host, as it is stored.
package struct StoredAttempt: Sendable, Hashable {
    package let id: AttemptID
    package let rollout: RolloutID
    package let host: HostName
    package let wave: Int
    /// 1 for the first attempt at the host in its rollout.
    package let number: Int
    package let state: AttemptState
    package let bootIDBefore: BootID?
    package let bootIDAfter: BootID?
    package let sentAt: Date?
    package let deadline: Date?
    package let verdict: BootVerdict?
    package let reason: String?
    package let createdAt: Date
    package let updatedAt: Date
    /// Whether the rollout still keeps other rollouts away from the host.
    package let holdsHost: Bool
    /// The newest line of its journal.
    package let lastEvent: AttemptEvent
    /// The decision of a person, where there is one.
    package let override: AttemptOverride?
}

/// One line of an attempt's journal.
package struct AttemptEvent: Sendable, Hashable {
    package let state: AttemptState
    package let at: Date
    package let detail: [String: String]
    package let evidence: EvidenceID
}

/// A person's decision that an attempt's slot is free.
package struct AttemptOverride: Sendable, Hashable {
    package let at: Date
    package let author: String
    package let reason: String
    package let evidence: EvidenceID
}

extension AttemptState {
    /// The states that may follow; none after a final one.
    package var successors: Set<AttemptState> {
        switch self {
        case .planned: [.preflight, .skipped]
        case .preflight: [.canaries, .skipped]
        case .canaries: [.intent, .skipped]
        // `skipped` only where the host says that the reboot was never handed over.
        case .intent: [.sent, .failed, .inconclusive, .skipped]
        case .sent: [.booted, .failed, .inconclusive]
        case .booted: [.proven, .failed, .inconclusive]
        case .proven, .failed, .inconclusive, .skipped: []
        }
    }

    /// Whether an attempt that ends here, in a rollout that has ended, frees its host.
    ///
    /// A slot is freed by proof, by a disproof that is known, or by a person; never by time. What
    /// may have been sent and was not decided stays held.
    var freesHost: Bool {
        switch self {
        case .planned, .preflight, .canaries, .proven, .failed, .skipped: true
        case .intent, .sent, .booted, .inconclusive: false
        }
    }
}

/// Reads and writes attempts and their journal.
enum AttemptTable {
    /// What an attempt's row in the evidence chain says.
    struct Detail: Codable {
        let attempt: Int64
        let rollout: Int64
        let number: Int
        let state: String
        let detail: [String: String]
        var reason: String?
        var verdict: BootVerdict?
        var bootIDAfter: String?
    }

    static func start(rollout: RolloutID, host: HostName, number: Int, at: Date, in db: Database) throws -> AttemptID {
        try db.execute(
            sql: """
                INSERT INTO attempt (rolloutID, hostID, number, state, createdAt, updatedAt)
                VALUES (?1, ?2, ?3, 'planned', ?4, ?4)
                """, arguments: [rollout.value, try db.id(of: host), number, at.milliseconds])
        let id = AttemptID(db.lastInsertedRowID)
        try append(
            Detail(
                attempt: id.value, rollout: rollout.value, number: number, state: AttemptState.planned.rawValue,
                detail: [:]), host: host, at: at, bootID: nil, parts: [], in: db)
        return id
    }

    static func append(
        _ detail: Detail, host: HostName, at: Date, bootID: BootID?, parts: [EvidencePart], in db: Database
    ) throws {
        let evidence = try EvidenceChain.append(
            .attempt, host: host, at: at, bootID: bootID, detail: detail, parts: parts, in: db)
        try db.insert(
            "INTO attemptEvent",
            [
                "attemptID": detail.attempt, "state": detail.state, "at": at.milliseconds,
                "detail": try StoredJSON.text(of: detail.detail), "evidenceID": evidence.value,
            ])
    }

    static func one(_ id: AttemptID, in db: Database) throws -> StoredAttempt {
        guard let attempt = try fetch(db, "WHERE attempt.id = ?", arguments: [id.value]).first else {
            throw StoreError(.notFound, "there is no attempt \(id.value)")
        }
        return attempt
    }

    static func fetch(_ db: Database, _ condition: String, arguments: StatementArguments) throws -> [StoredAttempt] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT attempt.*, host.name AS hostName, wave, holds
                FROM attempt JOIN host ON host.id = attempt.hostID
                  JOIN rolloutHost ON rolloutHost.rolloutID = attempt.rolloutID
                    AND rolloutHost.hostID = attempt.hostID
                \(condition)
                """, arguments: arguments
        ).map { try attempt($0, in: db) }
    }

    private static func attempt(_ row: Row, in db: Database) throws -> StoredAttempt {
        let id: Int64 = row["id"]
        guard let event = try events(of: AttemptID(id), newestFirst: true, limit: 1, in: db).first else {
            throw StoreError(.corrupt, "the journal of attempt \(id) is gone")
        }
        let override = try Row.fetchOne(
            db, sql: "SELECT * FROM override WHERE attemptID = ? ORDER BY id DESC LIMIT 1", arguments: [id])
        return StoredAttempt(
            id: AttemptID(id), rollout: RolloutID(row["rolloutID"]), host: try row.host("hostName"), wave: row["wave"],
            number: row["number"], state: try row.word("state"), bootIDBefore: try row.bootIfAny("bootIDBefore"),
            bootIDAfter: try row.bootIfAny("bootIDAfter"), sentAt: row.dateIfAny("sentAt"),
            deadline: row.dateIfAny("deadline"), verdict: try BootTable.verdict(row), reason: row["reason"],
            createdAt: row.date("createdAt"), updatedAt: row.date("updatedAt"), holdsHost: row["holds"],
            lastEvent: event,
            override: override.map { row in
                AttemptOverride(
                    at: row.date("at"), author: row["author"], reason: row["reason"],
                    evidence: EvidenceID(row["evidenceID"]))
            })
    }

    static func events(of attempt: AttemptID, newestFirst: Bool, limit: Int, in db: Database) throws -> [AttemptEvent] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT state, at, detail, evidenceID FROM attemptEvent WHERE attemptID = ?
                ORDER BY id \(newestFirst ? "DESC" : "ASC") LIMIT ?
                """, arguments: [attempt.value, limit]
        ).map { row in
            AttemptEvent(
                state: try row.word("state"), at: row.date("at"), detail: try row.json("detail"),
                evidence: EvidenceID(row["evidenceID"]))
        }
    }

    /// Frees all that an attempt holds for which a person decided: its slot, and its host for other rollouts.
    static func freeDecided(_ attempt: StoredAttempt, in db: Database) throws {
        try db.execute(
            sql: """
                UPDATE rolloutHost SET holds = 0
                WHERE rolloutID = ? AND hostID = (SELECT id FROM host WHERE name = ?)
                """, arguments: [attempt.rollout.value, attempt.host.text])
        try SlotTable.free(attempt: attempt.id, in: db)
    }

    /// Lets other rollouts have the host, if the attempt's rollout has ended.
    static func freeHost(_ attempt: StoredAttempt, in db: Database) throws {
        try db.execute(
            sql: """
                UPDATE rolloutHost SET holds = 0
                WHERE rolloutID = ?1 AND hostID = (SELECT id FROM host WHERE name = ?2)
                  AND (SELECT state FROM rollout WHERE id = ?1) <> 'running'
                """, arguments: [attempt.rollout.value, attempt.host.text])
    }
}
