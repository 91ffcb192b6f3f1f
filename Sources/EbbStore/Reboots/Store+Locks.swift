package import FoundationEssentials
import GRDB

/// An agent outside Ebb that holds a slot of a group.
package struct StoredLockHolder: Sendable, Hashable {
    package let id: String
    package let since: Date
}

/// What happens to the holders of a group.
package enum LockChange: Sendable, Hashable {
    case nothing
    case acquire(id: String, since: Date)
    case release(id: String)
}

extension Store {
    /// Lets `decide` look at a group's holders and change them, with nobody in between.
    package func changeLock<Answer: Sendable>(
        of group: String,
        _ decide: @escaping @Sendable ([StoredLockHolder]) -> (LockChange, Answer)
    ) async throws(StoreError) -> Answer {
        try await write { db in
            let holders = try Self.holders(of: group, in: db)
            let (change, answer) = decide(holders)
            switch change {
            case .nothing: break
            case .acquire(let id, let since):
                try db.execute(
                    sql: "INSERT INTO lockHolder (groupName, id, since) VALUES (?, ?, ?)",
                    arguments: [group, id, since.milliseconds])
            case .release(let id):
                try db.execute(
                    sql: "DELETE FROM lockHolder WHERE groupName = ? AND id = ?",
                    arguments: [group, id])
            }
            return answer
        }
    }

    /// The agents that hold slots of a group, the longest first.
    package func lockHolders(of group: String) async throws(StoreError) -> [StoredLockHolder] {
        try await read { try Self.holders(of: group, in: $0) }
    }

    /// The agents that hold slots, by group.
    package func lockHolders() async throws(StoreError) -> [String: [StoredLockHolder]] {
        try await read { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT groupName, id, since FROM lockHolder ORDER BY since, id")
            return Dictionary(
                grouping: rows, by: { row -> String in row["groupName"] }
            ).mapValues { rows in
                rows.map { StoredLockHolder(id: $0["id"], since: Date(milliseconds: $0["since"])) }
            }
        }
    }

    private static func holders(
        of group: String, in db: Database
    ) throws -> [StoredLockHolder] {
        try Row.fetchAll(
            db, sql: "SELECT id, since FROM lockHolder WHERE groupName = ? ORDER BY since, id",
            arguments: [group]
        ).map { StoredLockHolder(id: $0["id"], since: Date(milliseconds: $0["since"])) }
    }
}
