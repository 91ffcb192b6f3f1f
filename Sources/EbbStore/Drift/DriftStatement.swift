import EbbModel
import FoundationEssentials
import GRDB
import GRDBSQLite

/// A statement whose parameters are bound without boxing; a million rows take a few seconds.
///
/// What is bound stays bound from one row to the next, so only what differs is bound again.
final class DriftStatement {
    private let statement: Statement
    private let handle: SQLiteStatement
    private let connection: SQLiteConnection?
    private var last: DriftEntry?

    /// A statement with the host as `?1` and the collection as `?16`.
    init(_ db: Database, sql: String, hostID: Int64, collectionID: Int64) throws {
        statement = try db.makeStatement(sql: sql)
        handle = statement.sqliteStatement
        connection = db.sqliteConnection
        sqlite3_bind_int64(handle, 1, hostID)
        sqlite3_bind_int64(handle, 16, collectionID)
    }

    /// Binds the columns of an entry to `?2` … `?15`, and runs.
    func run(_ entry: DriftEntry) throws {
        let change = entry.change
        let old = last?.change
        bind(change.path.bytes, 2)
        if old?.change != change.change { bind(change.change.word, 3) }
        if old?.kind != change.kind { bind(change.kind.word, 4) }
        if last?.verdict != entry.verdict { bind(entry.verdict.word, 5) }
        if last?.stateClass != entry.stateClass { bind(entry.stateClass.word, 6) }
        bind(change.size, 7)
        if old == nil || old?.mode != change.mode { bind(change.mode.map(Int64.init), 8) }
        if old == nil || old?.uid != change.uid { bind(change.uid.map(Int64.init), 9) }
        if old == nil || old?.gid != change.gid { bind(change.gid.map(Int64.init), 10) }
        bind(change.modified?.microseconds, 11)
        if change.linkTarget != nil || old?.linkTarget != nil || old == nil {
            bind(change.linkTarget?.bytes, 12)
        }
        if change.renamedFrom != nil || old?.renamedFrom != nil || old == nil {
            bind(change.renamedFrom?.bytes, 13)
        }
        if last?.reason != entry.reason { bind(entry.reason, 14) }
        if last == nil || last?.suggestion != entry.suggestion { bind(entry.suggestion, 15) }
        last = entry
        let status = sqlite3_step(handle)
        guard status == SQLITE_DONE else {
            let message = connection.map { String(cString: sqlite3_errmsg($0)) }
            sqlite3_reset(handle)
            throw DatabaseError(resultCode: ResultCode(rawValue: status & 0xFF), message: message)
        }
        sqlite3_reset(handle)
    }

    /// Binds a word that lives as long as the program.
    private func bind(_ word: StaticString, _ index: Int32) {
        word.withUTF8Buffer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                _ = sqlite3_bind_text(
                    handle, index, characters.baseAddress, Int32(characters.count), nil)
            }
        }
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

// The raw values again, as text that needs no copy.

extension PathChange.Kind {
    fileprivate var word: StaticString {
        switch self {
        case .added: "added"
        case .modified: "modified"
        case .removed: "removed"
        case .renamed: "renamed"
        }
    }
}

extension FileKind {
    fileprivate var word: StaticString {
        switch self {
        case .file: "file"
        case .directory: "directory"
        case .symlink: "symlink"
        case .fifo: "fifo"
        case .socket: "socket"
        case .block: "block"
        case .character: "character"
        }
    }
}

extension PathVerdict {
    fileprivate var word: StaticString {
        switch self {
        case .persisted: "persisted"
        case .managed: "managed"
        case .regenerated: "regenerated"
        case .accepted: "accepted"
        case .noise: "noise"
        case .leaked: "leaked"
        case .unexplained: "unexplained"
        }
    }
}

extension StateClass {
    fileprivate var word: StaticString {
        switch self {
        case .identity: "identity"
        case .secret: "secret"
        case .precious: "precious"
        case .config: "config"
        case .regenerable: "regenerable"
        case .cache: "cache"
        case .log: "log"
        case .noise: "noise"
        case .unknown: "unknown"
        }
    }
}
