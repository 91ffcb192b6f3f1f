import EbbModel
import FoundationEssentials
import GRDB

/// Reads and writes the open and closed rows of drift.
enum DriftTable {
    private static let key =
        "hostID = ?1 AND " + DriftColumn.key.map { "\($0.name) = \($0.parameter)" }.joined(separator: " AND ")

    /// Opens a row.
    static func insertion(hostID: Int64, observation: Int64, isPartial: Bool, in db: Database) throws -> DriftStatement
    {
        try DriftStatement(
            db,
            sql: """
                INSERT INTO driftOpen (hostID, \(DriftColumn.names), firstID, partialID)
                VALUES (?1, \(DriftColumn.list(DriftColumn.allCases, \.parameter)),
                  ?16, \(isPartial ? "?16" : "NULL"))
                """, hostID: hostID, observationID: observation)
    }

    /// Gives an open row other details.
    static func update(hostID: Int64, observation: Int64, isPartial: Bool, in db: Database) throws -> DriftStatement {
        let details = DriftColumn.allCases.dropFirst(DriftColumn.key.count)
        return try DriftStatement(
            db,
            sql: """
                UPDATE driftOpen SET \(DriftColumn.list(details) { "\($0.name) = \($0.parameter)" })
                  \(isPartial ? ", partialID = ?16" : "") WHERE \(key)
                """, hostID: hostID, observationID: observation)
    }

    /// Moves a row to the closed ones.
    ///
    /// It was last seen by the newest observation before `observation` that can have seen it: the
    /// last complete one that is not older than the row, or the last incomplete one that named it.
    static func close(_ gone: DriftEntry, hostID: Int64, observation: Int64, lastComplete: Int64, in db: Database)
        throws
    {
        let values = [hostID.databaseValue] + DriftColumn.key.map { $0.value(of: gone).databaseValue }
        try db.cachedStatement(
            sql: """
                INSERT INTO driftClosed (hostID, \(DriftColumn.names), firstID, lastID, closedID)
                SELECT hostID, \(DriftColumn.names), firstID,
                  max(firstID, coalesce(partialID, 0), ?6), ?7 FROM driftOpen WHERE \(key)
                """
        ).execute(arguments: StatementArguments(values + [lastComplete.databaseValue, observation.databaseValue]))
        try db.cachedStatement(sql: "DELETE FROM driftOpen WHERE \(key)").execute(arguments: StatementArguments(values))
    }

    /// Calls `body` with the open rows of a host in key order: those after `after`, at most `limit`.
    static func forEachOpen(
        hostID: Int64, where condition: String = "1", after: DriftEntry? = nil, limit: Int = .max, in db: Database,
        _ body: (DriftEntry, Row) throws -> Void
    ) throws {
        let names = DriftColumn.list(DriftColumn.key, \.name)
        let place = after.map { entry in DriftColumn.key.map { $0.value(of: entry).databaseValue } }
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT \(DriftColumn.names), firstID, partialID FROM driftOpen
                    WHERE hostID = ? AND (\(condition))
                      \(place == nil ? "" : "AND (\(names)) > (?, ?, ?, ?)")
                    ORDER BY \(names) LIMIT \(limit)
                    """), arguments: StatementArguments([hostID.databaseValue] + (place ?? [])))
        while let row = try rows.next() { try body(try DriftEntry(row), row) }
    }
}
