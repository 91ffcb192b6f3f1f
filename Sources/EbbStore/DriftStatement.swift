import EbbModel
import FoundationEssentials
import GRDB
import GRDBSQLite

/// A statement whose parameters are bound without boxing; a million rows take a second or two.
struct DriftStatement {
    private let statement: Statement
    private let handle: SQLiteStatement
    private let connection: SQLiteConnection?

    init(_ db: Database, sql: String) throws {
        statement = try db.makeStatement(sql: sql)
        handle = statement.sqliteStatement
        connection = db.sqliteConnection
    }

    /// Binds the sixteen columns of an entry to `?1` … `?16`, and runs.
    func run(_ entry: DriftEntry, hostID: Int64, collectionID: Int64) throws {
        let change = entry.change
        sqlite3_bind_int64(handle, 1, hostID)
        bind(change.path.bytes, 2)
        bind(change.change.rawValue, 3)
        bind(change.kind.rawValue, 4)
        bind(entry.verdict.rawValue, 5)
        bind(entry.stateClass.rawValue, 6)
        bind(change.size, 7)
        bind(change.mode.map(Int64.init), 8)
        bind(change.uid.map(Int64.init), 9)
        bind(change.gid.map(Int64.init), 10)
        bind(change.modified?.microseconds, 11)
        bind(change.linkTarget?.bytes, 12)
        bind(change.renamedFrom?.bytes, 13)
        bind(entry.reason, 14)
        bind(entry.suggestion, 15)
        sqlite3_bind_int64(handle, 16, collectionID)
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

    private func bind(_ bytes: [UInt8]?, _ index: Int32) {
        guard let bytes else {
            sqlite3_bind_null(handle, index)
            return
        }
        if bytes.isEmpty {
            sqlite3_bind_zeroblob(handle, index, 0)
        } else {
            sqlite3_bind_blob(handle, index, bytes, Int32(clamping: bytes.count), Self.copied)
        }
    }

    private func bind(_ text: String?, _ index: Int32) {
        guard var text else {
            sqlite3_bind_null(handle, index)
            return
        }
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                _ = sqlite3_bind_text(
                    handle, index, characters.baseAddress, Int32(clamping: characters.count),
                    Self.copied)
            }
        }
    }

    private func bind(_ number: Int64?, _ index: Int32) {
        if let number {
            sqlite3_bind_int64(handle, index, number)
        } else {
            sqlite3_bind_null(handle, index)
        }
    }
}
