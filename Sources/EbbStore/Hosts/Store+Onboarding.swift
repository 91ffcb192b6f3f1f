package import EbbModel
package import FoundationEssentials
import GRDB

/// One event in the journal of moving a host over.
package struct StoredOnboardingEvent: Sendable, Hashable {
    /// Which move of this host it belongs to, counted from 1.
    package let run: Int
    package let at: Date
    /// JSON; the store does not look into it.
    package let event: String
}

extension Store {
    /// The journal of a host's newest move, oldest event first; empty when there was none.
    package func onboardingEvents(of host: HostName) async throws(StoreError) -> [StoredOnboardingEvent] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT run, at, event FROM onboardingEvent JOIN host ON host.id = hostID
                    WHERE name = ?1 AND run = (SELECT max(run) FROM onboardingEvent
                      JOIN host ON host.id = hostID WHERE name = ?1)
                    ORDER BY ordinal
                    """, arguments: [host.text]
            ).map { row in StoredOnboardingEvent(run: row["run"], at: row.date("at"), event: row["event"]) }
        }
    }

    /// Appends the event that comes after `count` others of this move.
    ///
    /// It fails as `fenced` when another controller has written meanwhile: it continues with the
    /// host then, and this one must not.
    package func appendOnboardingEvent(host: HostName, run: Int, after count: Int, _ event: String, at: Date)
        async throws(StoreError)
    {
        try await write { db in
            let hostID = try HostTable.id(of: host, in: db)
            let there =
                try Int.fetchOne(
                    db, sql: "SELECT count(*) FROM onboardingEvent WHERE hostID = ? AND run = ?",
                    arguments: [hostID, run]) ?? 0
            guard there == count else {
                throw StoreError(
                    .fenced, host: host,
                    "another controller has taken over this host: its journal has \(there) "
                        + "events, \(count) were read")
            }
            try db.execute(
                sql: "INSERT INTO onboardingEvent VALUES (?, ?, ?, ?, ?)",
                arguments: [hostID, run, count + 1, at.milliseconds, event])
        }
    }
}
