package import EbbModel
package import FoundationEssentials
import GRDB

/// A stop flag as it is stored.
package struct StoredStopFlag: Sendable, Hashable {
    package let id: StopFlagID
    package let flag: StopFlag
    /// When a person lifted it; `nil`: nobody has.
    package let liftedAt: Date?
    package let liftedBy: String?

    /// Whether the flag stops anything at this time.
    package func isInForce(at now: Date) -> Bool { liftedAt == nil && flag.holds(at: now) }
}

extension Store {
    /// Sets a stop flag.
    @discardableResult package func setStopFlag(_ flag: StopFlag) async throws(StoreError) -> StopFlagID {
        try await write { db in
            let (kind, name) = Self.columns(flag.scope)
            try db.execute(
                sql: """
                    INSERT INTO stopFlag (scope, name, reason, author, createdAt, expiresAt)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    kind, name, flag.reason, flag.author, flag.setAt.milliseconds, flag.expiresAt?.milliseconds,
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
            guard db.changesCount == 1 else { throw StoreError(.notFound, "no stop flag \(id.value) is set") }
            _ = try EvidenceChain.append(
                .stop, host: nil, at: at, detail: ["flag": String(id.value), "author": author, "event": "lifted"],
                in: db)
        }
    }

    /// Every stop flag that was ever set, the newest first.
    package func stopFlags() async throws(StoreError) -> [StoredStopFlag] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM stopFlag ORDER BY id DESC").map { row in
                StoredStopFlag(
                    id: StopFlagID(row["id"]), flag: try StopFlag(row), liftedAt: row.dateIfAny("removedAt"),
                    liftedBy: row["removedBy"])
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
