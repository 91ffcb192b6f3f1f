import EbbModel

/// What must change in the open rows so that they say what a collection saw.
///
/// Both lists are sorted by `DriftKey`, so one pass decides; nothing is read or written here.
struct DriftMerge {
    /// Entries that are not open yet, by index.
    private(set) var added: [Int] = []
    /// Entries that are open with other details, by index.
    private(set) var changed: [Int] = []
    /// Entries that are open as they are, by index.
    private(set) var unchanged: [Int] = []
    /// Open rows that the collection did not see.
    private(set) var gone: [DriftEntry] = []

    private let entries: [DriftEntry]
    private var next = 0

    init(_ entries: [DriftEntry]) { self.entries = entries }

    /// Takes the open rows one after the other, in order.
    mutating func meet(_ open: DriftEntry) {
        let key = DriftKey(open)
        while next < entries.count, DriftKey(entries[next]) < key {
            added.append(next)
            next += 1
        }
        guard next < entries.count, DriftKey(entries[next]) == key else {
            gone.append(open)
            return
        }
        if Self.storedForm(entries[next]) == open {
            unchanged.append(next)
        } else {
            changed.append(next)
        }
        next += 1
    }

    /// Takes what is left after the last open row.
    mutating func finish() {
        added.append(contentsOf: next..<entries.count)
        next = entries.count
    }

    /// The entry as it comes back from the table: times have microseconds there.
    private static func storedForm(_ entry: DriftEntry) -> DriftEntry {
        let change = entry.change
        if change.modified == nil, change.changed == nil { return entry }
        return DriftEntry(
            change: PathChange(
                path: change.path, change: change.change, kind: change.kind, size: change.size,
                mode: change.mode, uid: change.uid, gid: change.gid,
                modified: change.modified.map { .init(microseconds: $0.microseconds) },
                linkTarget: change.linkTarget, renamedFrom: change.renamedFrom),
            verdict: entry.verdict, stateClass: entry.stateClass, reason: entry.reason,
            suggestion: entry.suggestion)
    }
}
