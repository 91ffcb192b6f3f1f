import EbbModel
import Glibc

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
        if left.path < right.path { return true }
        if left.path != right.path { return false }
        if left.change != right.change { return left.change.rawValue < right.change.rawValue }
        if left.kind != right.kind { return left.kind.rawValue < right.kind.rawValue }
        return left.verdict.rawValue < right.verdict.rawValue
    }

    /// The entries in the table's order, without repeats; the first of equal ones stays.
    static func normalized(_ given: [DriftEntry]) -> [DriftEntry] {
        let entries = given
        if isStrictlySorted(entries) { return entries }
        let sorted = entries.enumerated().sorted { left, right in
            let (first, second) = (DriftKey(left.element), DriftKey(right.element))
            return first == second ? left.offset < right.offset : first < second
        }
        var result: [DriftEntry] = []
        result.reserveCapacity(entries.count)
        for (_, entry) in sorted {
            if let last = result.last, DriftKey(last) == DriftKey(entry) { continue }
            result.append(entry)
        }
        return result
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

    private static func isStrictlySorted(_ entries: [DriftEntry]) -> Bool {
        guard entries.count > 1 else { return true }
        for index in 1..<entries.count {
            let (left, right) = (entries[index - 1].change.path, entries[index].change.path)
            if left < right { continue }
            guard DriftKey(entries[index - 1]) < DriftKey(entries[index]) else { return false }
        }
        return true
    }
}
