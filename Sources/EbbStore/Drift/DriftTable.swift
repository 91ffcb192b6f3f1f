import EbbModel
import FoundationEssentials
import GRDB
import GRDBSQLite

/// Reads and writes the open and closed rows of drift.
enum DriftTable {
    static let columns = """
        path, change, kind, verdict, class, size, mode, uid, gid, modifiedAt, linkTarget, \
        renamedFrom, reason, suggestion
        """

    private static let key =
        "hostID = ?1 AND path = ?2 AND change = ?3 AND kind = ?4 AND verdict = ?5"

    /// Opens a row.
    static func insertion(
        hostID: Int64, collection: Int64, isPartial: Bool, in db: Database
    ) throws -> DriftStatement {
        try DriftStatement(
            db,
            sql: """
                INSERT INTO driftOpen (hostID, \(columns), firstID, partialID)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
                  \(isPartial ? "?16" : "NULL"))
                """, hostID: hostID, collectionID: collection)
    }

    /// Gives an open row other details.
    static func update(
        hostID: Int64, collection: Int64, isPartial: Bool, in db: Database
    ) throws -> DriftStatement {
        try DriftStatement(
            db,
            sql: """
                UPDATE driftOpen SET class = ?6, size = ?7, mode = ?8, uid = ?9, gid = ?10,
                  modifiedAt = ?11, linkTarget = ?12, renamedFrom = ?13, reason = ?14,
                  suggestion = ?15\(isPartial ? ", partialID = ?16" : "")
                WHERE \(key)
                """, hostID: hostID, collectionID: collection)
    }

    /// Moves a row to the closed ones.
    ///
    /// It was last seen by the newest collection before `collection` that can have seen it: the
    /// last complete one that is not older than the row, or the last incomplete one that named it.
    static func close(
        _ gone: DriftEntry, hostID: Int64, collection: Int64, lastComplete: Int64, in db: Database
    ) throws {
        let key = DriftKey(gone)
        let values: [any DatabaseValueConvertible] = [
            hostID, Data(key.path.bytes), key.change.rawValue, key.kind.rawValue,
            key.verdict.rawValue,
        ]
        try db.cachedStatement(
            sql: """
                INSERT INTO driftClosed (hostID, \(columns), firstID, lastID, closedID)
                SELECT hostID, \(columns), firstID,
                  max(firstID, coalesce(partialID, 0), ?6), ?7 FROM driftOpen WHERE \(Self.key)
                """
        ).execute(arguments: StatementArguments(values + [lastComplete, collection]))
        try db.cachedStatement(sql: "DELETE FROM driftOpen WHERE \(Self.key)")
            .execute(arguments: StatementArguments(values))
    }

    /// Calls `body` with the open rows of a host in key order: those after `after`, at most `limit`.
    static func forEachOpen(
        hostID: Int64, where condition: String = "1", after: DriftKey? = nil,
        limit: Int = .max, in db: Database, _ body: (DriftEntry, Row) throws -> Void
    ) throws {
        var arguments: [any DatabaseValueConvertible] = [hostID]
        if let after {
            arguments += [
                Data(after.path.bytes), after.change.rawValue, after.kind.rawValue,
                after.verdict.rawValue,
            ]
        }
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT \(columns), firstID, partialID FROM driftOpen
                    WHERE hostID = ? AND (\(condition))
                      \(after == nil ? "" : "AND (path, change, kind, verdict) > (?, ?, ?, ?)")
                    ORDER BY path, change, kind, verdict LIMIT \(limit)
                    """), arguments: StatementArguments(arguments))
        while let row = try rows.next() { try body(try entry(row), row) }
    }

    /// Reads the columns of `columns`, in that order.
    static func entry(_ row: Row) throws -> DriftEntry {
        guard let change = PathChange.Kind(rawValue: row[1]),
            let kind = FileKind(rawValue: row[2]),
            let verdict = PathVerdict(rawValue: row[3]),
            let stateClass = StateClass(rawValue: row[4])
        else { throw StoreError(.corrupt, "a stored drift entry cannot be read") }
        func bytes(_ index: Int) -> BytePath? {
            row.hasNull(atIndex: index) ? nil : BytePath(bytes: row[index] as Data)
        }
        func number<Number: FixedWidthInteger>(_ index: Int) -> Number? {
            (row[index] as Int64?).flatMap { Number(exactly: $0) }
        }
        return DriftEntry(
            change: PathChange(
                path: BytePath(bytes: row[0] as Data), change: change, kind: kind, size: row[5],
                mode: number(6), uid: number(7), gid: number(8),
                modified: (row[9] as Int64?).map { Date(microseconds: $0) },
                linkTarget: bytes(10), renamedFrom: bytes(11)),
            verdict: verdict, stateClass: stateClass, reason: row[12], suggestion: row[13])
    }
}

extension Row {
    fileprivate func hasNull(atIndex index: Int) -> Bool {
        (self[index] as DatabaseValue).isNull
    }
}
