import EbbModel
package import FoundationEssentials
import GRDB

/// Somebody's wish that a rollout start nothing more.
package struct AbortRequest: Sendable, Hashable {
    package let at: Date
    package let author: String
    package let reason: String
}

extension Store {
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
            try db.execute(
                sql: """
                    INSERT INTO abortRequest (rolloutID, at, author, reason, evidenceID)
                    VALUES (?, ?, ?, ?, ?)
                    """, arguments: [rollout.value, at.milliseconds, author, reason, evidence.value])
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
