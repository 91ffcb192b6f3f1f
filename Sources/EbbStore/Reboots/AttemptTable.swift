import EbbModel
import FoundationEssentials
import GRDB

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
                """, arguments: [rollout.value, try HostTable.id(of: host, in: db), number, at.milliseconds])
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
        try db.execute(
            sql: """
                INSERT INTO attemptEvent (attemptID, state, at, detail, evidenceID)
                VALUES (?, ?, ?, ?, ?)
                """,
            arguments: [
                detail.attempt, detail.state, at.milliseconds, try StoredJSON.text(of: detail.detail), evidence.value,
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
