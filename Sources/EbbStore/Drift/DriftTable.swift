import EbbModel
import FoundationEssentials
import GRDB
import GRDBSQLite

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

/// A statement whose parameters are bound without boxing; a million rows take a few seconds.
///
/// What is bound stays bound from one row to the next, so only what differs is bound again.
final class DriftStatement {
    private let statement: Statement
    private let handle: SQLiteStatement
    private let connection: SQLiteConnection?
    private var bound: [DriftValue]

    /// A statement with the host as `?1` and the observation as `?16`.
    init(_ db: Database, sql: String, hostID: Int64, observationID: Int64) throws {
        statement = try db.makeStatement(sql: sql)
        handle = statement.sqliteStatement
        connection = db.sqliteConnection
        // What was never bound is NULL.
        bound = DriftColumn.allCases.map { _ in .null }
        sqlite3_bind_int64(handle, 1, hostID)
        sqlite3_bind_int64(handle, 16, observationID)
    }

    /// Binds the columns of an entry to `?2` … `?15`, and runs.
    func run(_ entry: DriftEntry) throws {
        for (index, column) in DriftColumn.allCases.enumerated() {
            let value = column.value(of: entry)
            if bound[index] == value { continue }
            bind(value, column.rawValue)
            bound[index] = value
        }
        let status = sqlite3_step(handle)
        guard status == SQLITE_DONE else {
            let message = connection.map { String(cString: sqlite3_errmsg($0)) }
            sqlite3_reset(handle)
            throw DatabaseError(resultCode: ResultCode(rawValue: status & 0xFF), message: message)
        }
        sqlite3_reset(handle)
    }

    // SQLite copies what is bound: the pointers live for the call only.
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private func bind(_ value: DriftValue, _ index: Int32) {
        switch value {
        case .null: sqlite3_bind_null(handle, index)
        case .number(let number): sqlite3_bind_int64(handle, index, number)
        case .bytes(let bytes) where bytes.isEmpty: sqlite3_bind_zeroblob(handle, index, 0)
        case .bytes(let bytes): sqlite3_bind_blob(handle, index, bytes, Int32(clamping: bytes.count), Self.copied)
        case .text(var text):
            text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    _ = sqlite3_bind_text(
                        handle, index, characters.baseAddress, Int32(clamping: characters.count), Self.copied)
                }
            }
        }
    }
}

/// Makes the open rows of a host say what an observation saw.
///
/// The entries come in the order of the rows' keys, and the rows are read page by page, so that one
/// pass decides and neither list is held.
struct DriftMerger {
    private let db: Database
    private let row: ObservationTable.Record
    private let isComplete: Bool
    private let lastComplete: Int64
    private let insert: DriftStatement
    private let update: DriftStatement
    private var open: OpenDriftRows

    init(_ row: ObservationTable.Record, isComplete: Bool, in db: Database) throws {
        (self.db, self.row, self.isComplete) = (db, row, isComplete)
        lastComplete =
            try Int64.fetchOne(
                db,
                sql: """
                    SELECT max(id) FROM observation
                    WHERE hostID = ? AND state = 'judged' AND complete = 1
                    """, arguments: [row.hostID]) ?? 0
        insert = try DriftTable.insertion(hostID: row.hostID, observation: row.id, isPartial: !isComplete, in: db)
        update = try DriftTable.update(hostID: row.hostID, observation: row.id, isPartial: !isComplete, in: db)
        open = OpenDriftRows(hostID: row.hostID)
    }

    /// Takes the next entry.
    mutating func take(_ entry: DriftEntry) throws {
        while let next = try open.peek(in: db) {
            let (key, nextKey) = (DriftKey(entry), DriftKey(next))
            if key < nextKey { break }
            open.skip()
            if key == nextKey {
                // A complete observation needs no mark on what stays as it is.
                if !isComplete || !DriftColumn.areEqual(entry, next) { try update.run(entry) }
                return
            }
            try leave(next)
        }
        try insert.run(entry)
    }

    /// Takes what is left after the last entry.
    mutating func finish() throws {
        guard isComplete else { return }
        while let next = try open.peek(in: db) {
            try leave(next)
            open.skip()
        }
    }

    /// Closes an open row that the observation did not see, if that says anything.
    private func leave(_ entry: DriftEntry) throws {
        guard isComplete else { return }
        try DriftTable.close(entry, hostID: row.hostID, observation: row.id, lastComplete: lastComplete, in: db)
    }
}

/// The open rows of a host in the order of their keys, a page at a time.
///
/// Rows may be written meanwhile, as long as their keys come before the row that is peeked at.
struct OpenDriftRows {
    static let pageSize = 2_000

    private let hostID: Int64
    private var page: [DriftEntry] = []
    private var index = 0
    private var last: DriftEntry?
    private var isEnded = false

    init(hostID: Int64) { self.hostID = hostID }

    /// The next row; `nil` after the last one.
    mutating func peek(in db: Database) throws -> DriftEntry? {
        if index == page.count, !isEnded {
            page = []
            index = 0
            try DriftTable.forEachOpen(hostID: hostID, after: last, limit: Self.pageSize, in: db) { entry, _ in
                page.append(entry)
            }
            isEnded = page.count < Self.pageSize
            last = page.last
        }
        return index < page.count ? page[index] : nil
    }

    /// Goes past the row that was peeked at.
    mutating func skip() { index += 1 }
}
