import Crypto
import EbbModel
import FoundationEssentials
import GRDB
import Glibc

/// The columns of a changed path: the one list that statements, digests and readers are made from.
///
/// A raw value is the column's parameter, `?1` being the host; the order is part of every digest.
enum DriftColumn: Int32, CaseIterable {
    case path = 2
    case change, kind, verdict
    case `class`, size, mode, uid, gid, modifiedAt, linkTarget, renamedFrom, reason, suggestion

    /// What makes a row of a host that very row; the columns after these are its details.
    static let key: [DriftColumn] = [.path, .change, .kind, .verdict]

    /// The names in SQL, with commas.
    static let names = list(allCases, \.name)

    /// As SQL: a list of something about columns.
    static func list(_ columns: some Sequence<DriftColumn>, _ text: (DriftColumn) -> String) -> String {
        columns.map(text).joined(separator: ", ")
    }

    var name: String { "\(self)" }
    var parameter: String { "?\(rawValue)" }

    /// What the table holds of an entry in this column.
    func value(of entry: DriftEntry) -> DriftValue {
        let change = entry.change
        return switch self {
        case .path: .bytes(change.path.bytes)
        case .change: .text(change.change.rawValue)
        case .kind: .text(change.kind.rawValue)
        case .verdict: .text(entry.verdict.rawValue)
        case .class: .text(entry.stateClass.rawValue)
        case .size: DriftValue(change.size)
        case .mode: DriftValue(change.mode)
        case .uid: DriftValue(change.uid)
        case .gid: DriftValue(change.gid)
        case .modifiedAt: DriftValue(change.modified?.microseconds)
        case .linkTarget: change.linkTarget.map { .bytes($0.bytes) } ?? .null
        case .renamedFrom: change.renamedFrom.map { .bytes($0.bytes) } ?? .null
        case .reason: .text(entry.reason)
        case .suggestion: entry.suggestion.map { .text($0) } ?? .null
        }
    }

    /// Whether the table would hold the same of both.
    static func areEqual(_ left: DriftEntry, _ right: DriftEntry) -> Bool {
        allCases.allSatisfy { $0.value(of: left) == $0.value(of: right) }
    }
}

/// One value of a changed path, as the table and the digest take it.
enum DriftValue: Equatable {
    case null
    case number(Int64)
    case text(String)
    case bytes([UInt8])

    init(_ number: (some BinaryInteger)?) { self = number.map { .number(Int64($0)) } ?? .null }

    /// For statements that are run now and then.
    var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .number(let number): number.databaseValue
        case .text(let text): text.databaseValue
        case .bytes(let bytes): Data(bytes).databaseValue
        }
    }
}

extension DriftEntry {
    /// Reads a row that begins with the columns of `DriftColumn`.
    init(_ row: Row) throws {
        func value<Value: DatabaseValueConvertible>(_ column: DriftColumn) -> Value? {
            row[Int(column.rawValue - DriftColumn.path.rawValue)]
        }
        func word<Word: RawRepresentable<String>>(_ column: DriftColumn) -> Word? { value(column).flatMap(Word.init) }
        func path(_ column: DriftColumn) -> BytePath? { (value(column) as Data?).map { BytePath(bytes: $0) } }
        func number<Number: FixedWidthInteger>(_ column: DriftColumn) -> Number? {
            (value(column) as Int64?).flatMap { Number(exactly: $0) }
        }
        guard let place = path(.path), let change: PathChange.Kind = word(.change), let kind: FileKind = word(.kind),
            let verdict: PathVerdict = word(.verdict), let stateClass: StateClass = word(.class),
            let reason: String = value(.reason)
        else { throw StoreError(.corrupt, "a stored path cannot be read") }
        self.init(
            change: PathChange(
                path: place, change: change, kind: kind, size: number(.size), mode: number(.mode), uid: number(.uid),
                gid: number(.gid), modified: number(.modifiedAt).map { Date(microseconds: $0) },
                linkTarget: path(.linkTarget), renamedFrom: path(.renamedFrom)), verdict: verdict,
            stateClass: stateClass, reason: reason, suggestion: value(.suggestion))
    }
}

/// What makes two entries the same one at two times; the order is that of the table.
struct DriftKey: Comparable {
    let path: BytePath
    let change: PathChange.Kind
    let kind: FileKind
    let verdict: PathVerdict

    init(_ entry: DriftEntry) {
        path = entry.change.path
        change = entry.change.change
        kind = entry.change.kind
        verdict = entry.verdict
    }

    static func < (left: DriftKey, right: DriftKey) -> Bool {
        if left.path != right.path { return left.path < right.path }
        let words = (left.change.rawValue, left.kind.rawValue, left.verdict.rawValue)
        return words < (right.change.rawValue, right.kind.rawValue, right.verdict.rawValue)
    }

    // A text of the database ends at a NUL when it is read back; a sentence loses nothing by this.
    private static func holdsNUL(_ text: String) -> Bool {
        text.utf8.withContiguousStorageIfAvailable { bytes in
            bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false
        } ?? text.utf8.contains(0)
    }

    static func withoutNUL(_ entry: DriftEntry) -> DriftEntry {
        guard holdsNUL(entry.reason) || entry.suggestion.map(holdsNUL) == true else { return entry }
        func clean(_ text: String) -> String { String(decoding: text.utf8.filter { $0 != 0 }, as: UTF8.self) }
        return DriftEntry(
            change: entry.change, verdict: entry.verdict, stateClass: entry.stateClass, reason: clean(entry.reason),
            suggestion: entry.suggestion.map(clean))
    }
}

/// One digest for a whole sorted list of entries: equal digests mean nothing new to store.
///
/// It is fed entry by entry, so that memory stays constant.
struct EntriesDigest {
    private var hash = SHA256()
    private var buffer: [UInt8] = []

    init() { buffer.reserveCapacity(1 << 16) }

    mutating func add(_ entry: DriftEntry) {
        for column in DriftColumn.allCases { add(column.value(of: entry)) }
        if buffer.count > 1 << 15 { flush() }
    }

    mutating func finish() -> [UInt8] {
        flush()
        return Array(hash.finalize())
    }

    private mutating func add(_ value: DriftValue) {
        switch value {
        case .null: add(nil)
        case .number(let number): add(number)
        case .bytes(let bytes):
            add(Int64(bytes.count))
            buffer.append(contentsOf: bytes)
        case .text(var text):
            text.withUTF8 { bytes in
                add(Int64(bytes.count))
                buffer.append(contentsOf: bytes)
            }
        }
    }

    private mutating func add(_ number: Int64?) {
        withUnsafeTemporaryAllocation(byteCount: 9, alignment: 1) { bytes in
            bytes[0] = number == nil ? 0 : 1
            bytes.storeBytes(of: (number ?? 0).littleEndian, toByteOffset: 1, as: Int64.self)
            buffer.append(contentsOf: UnsafeRawBufferPointer(bytes))
        }
    }

    private mutating func flush() {
        buffer.withUnsafeBytes { hash.update(bufferPointer: $0) }
        buffer.removeAll(keepingCapacity: true)
    }
}
