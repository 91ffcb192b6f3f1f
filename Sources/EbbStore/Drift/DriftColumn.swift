import EbbModel
import FoundationEssentials
import GRDB

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
