import EbbModel
import GRDB
import GRDBSQLite

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
