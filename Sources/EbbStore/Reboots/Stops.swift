package import EbbModel
package import FoundationEssentials
import GRDB

/// A stop flag as it is stored.
package struct StoredStopFlag: Sendable, Hashable {
    package let id: StopFlagID
    package let flag: StopFlag
    /// When a person lifted it; `nil`: nobody has.
    package let liftedAt: Date?

    /// Whether the flag stops anything at this time.
    package func isInForce(at now: Date) -> Bool { liftedAt == nil && flag.holds(at: now) }
}

extension Store {
    /// Sets a stop flag.
    @discardableResult package func setStopFlag(_ flag: StopFlag) async throws(StoreError) -> StopFlagID {
        try await write { db in
            let (kind, name) = Self.columns(flag.scope)
            try db.insert(
                "INTO stopFlag",
                [
                    "scope": kind, "name": name, "reason": flag.reason, "author": flag.author,
                    "createdAt": flag.setAt.milliseconds, "expiresAt": flag.expiresAt?.milliseconds,
                ])
            let id = db.lastInsertedRowID
            _ = try EvidenceChain.append(
                .stop, host: nil, at: flag.setAt,
                detail: [
                    "flag": String(id), "scope": kind, "name": name, "reason": flag.reason, "author": flag.author,
                    "event": "set",
                ], in: db)
            return StopFlagID(id)
        }
    }

    /// Lifts a stop flag; throws `notFound` where none of that number is set.
    package func liftStopFlag(_ id: StopFlagID, author: String, at: Date) async throws(StoreError) {
        try await write { db in
            try db.execute(
                sql: """
                    UPDATE stopFlag SET removedAt = ?, removedBy = ?
                    WHERE id = ? AND removedAt IS NULL
                    """, arguments: [at.milliseconds, author, id.value])
            guard db.changesCount == 1 else {
                throw StoreError(.notFound, "there is no stop flag \(id.value), or it was lifted")
            }
            _ = try EvidenceChain.append(
                .stop, host: nil, at: at, detail: ["flag": String(id.value), "author": author, "event": "lifted"],
                in: db)
        }
    }

    /// Every stop flag that was ever set, the newest first.
    package func stopFlags() async throws(StoreError) -> [StoredStopFlag] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM stopFlag ORDER BY id DESC").map { row in
                StoredStopFlag(id: StopFlagID(row["id"]), flag: try StopFlag(row), liftedAt: row.dateIfAny("removedAt"))
            }
        }
    }

    private static func columns(_ scope: StopFlag.Scope) -> (kind: String, name: String) {
        switch scope {
        case .fleet: ("fleet", "")
        case .group(let name): ("group", name)
        case .host(let host): ("host", host.text)
        }
    }

    /// Asks whoever runs a rollout to start nothing more; the first wish is the one that is kept.
    package func requestAbort(of rollout: RolloutID, author: String, reason: String, at: Date) async throws(StoreError)
    {
        try await write { db in
            let current = try RolloutTable.one(rollout, in: db)
            guard current.state == .running else {
                throw StoreError(.invalidTransition, "rollout \(rollout.value) is \(current.state.rawValue) already")
            }
            guard try Self.abortRequest(of: rollout, in: db) == nil else { return }
            let evidence = try EvidenceChain.append(
                .override, host: nil, at: at,
                detail: ["abort": String(rollout.value), "author": author, "reason": reason], in: db)
            try db.insert(
                "INTO abortRequest",
                [
                    "rolloutID": rollout.value, "at": at.milliseconds, "author": author, "reason": reason,
                    "evidenceID": evidence.value,
                ])
        }
    }

    /// The wish that a rollout start nothing more, if there is one.
    package func abortRequest(of rollout: RolloutID) async throws(StoreError) -> AbortRequest? {
        try await read { try Self.abortRequest(of: rollout, in: $0) }
    }

    static func abortRequest(of rollout: RolloutID, in db: Database) throws -> AbortRequest? {
        try Row.fetchOne(
            db, sql: "SELECT at, author, reason FROM abortRequest WHERE rolloutID = ?", arguments: [rollout.value]
        ).map { row in AbortRequest(at: row.date("at"), author: row["author"], reason: row["reason"]) }
    }
}

extension StopFlag {
    /// Reads a row of the table.
    init(_ row: Row) throws {
        let scope: Scope =
            switch row["scope"] as String {
            case "fleet": .fleet
            case "group": .group(row["name"])
            default: .host(try row.host("name"))
            }
        self.init(
            scope: scope, reason: row["reason"], author: row["author"], setAt: row.date("createdAt"),
            expiresAt: row.dateIfAny("expiresAt"))
    }
}

/// Somebody's wish that a rollout start nothing more.
package struct AbortRequest: Sendable, Hashable {
    package let at: Date
    package let author: String
    package let reason: String
}
