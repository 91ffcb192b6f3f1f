import EbbModel
import FoundationEssentials
import GRDB

/// Reads and writes the table of slots.
enum SlotTable {
    /// Every slot that is held, the longest held first.
    static func held(in db: Database) throws -> [Slot] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT machine, groupName, since, name FROM slot LEFT JOIN host ON host.id = hostID
                ORDER BY since, machine, groupName
                """
        ).map { row in
            Slot(
                machine: row["machine"],
                holder: row["name"] == nil ? .agent(group: row["groupName"]) : .host(try row.host("name")),
                since: row.date("since"))
        }
    }

    /// Takes the slot of an attempt's host; one that it holds already goes to this attempt.
    static func take(for attempt: StoredAttempt, unless refusal: ([Slot]) -> String?, at: Date, in db: Database) throws
    {
        if let words = refusal(try held(in: db)) { throw StoreError(.noSlot, host: attempt.host, words) }
        try db.execute(
            sql: """
                INSERT INTO slot (machine, groupName, hostID, attemptID, since)
                VALUES (?, '', ?, ?, ?)
                ON CONFLICT (machine, groupName) DO UPDATE SET attemptID = excluded.attemptID
                """,
            arguments: [
                attempt.host.text, try HostTable.id(of: attempt.host, in: db), attempt.id.value, at.milliseconds,
            ])
    }

    /// Frees a host that was proven.
    static func free(host: HostName, in db: Database) throws {
        try db.execute(
            sql: "DELETE FROM slot WHERE hostID = (SELECT id FROM host WHERE name = ?)", arguments: [host.text])
    }

    /// Frees what an attempt still holds.
    static func free(attempt: AttemptID, in db: Database) throws {
        try db.execute(sql: "DELETE FROM slot WHERE attemptID = ?", arguments: [attempt.value])
    }
}
