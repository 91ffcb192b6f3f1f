/// The changes of one observation, sorted by path, each path once; can be read any number of times.
///
/// However many they are, they take bounded memory: what is over the limit of the builder that
/// made the list waits in its spill.
package struct ChangeList: Sendable {
    private let lists: [RecordRuns]
    /// These paths, and what is below them, are left out.
    private let hidden: Set<BytePath>
    /// These and what is below them are not, whatever lies above them.
    private var shown: Set<BytePath> = []

    /// A list of changes that are known already, in any order.
    package init(_ changes: [PathChange] = []) {
        var builder = ChangeListBuilder()
        // Without a limit nothing is spilled, so nothing can fail.
        for change in changes { try? builder.add(change) }
        self = (try? builder.finish()) ?? ChangeList(lists: [], hidden: [])
    }

    init(lists: [RecordRuns], hidden: Set<BytePath>) { (self.lists, self.hidden) = (lists, hidden) }

    /// The list without what lies at these paths and below them, but with what lies below the exceptions.
    package func hiding(_ paths: Set<BytePath>, except shown: Set<BytePath> = []) -> ChangeList {
        var list = ChangeList(lists: lists, hidden: hidden.union(paths))
        list.shown = shown
        return list
    }

    /// A cursor before the first change.
    package func cursor() -> ChangeCursor { ChangeCursor(RecordRuns.merged(lists), hidden: hidden, shown: shown) }

    /// Calls `body` with each change, in order.
    package func forEach(_ body: (PathChange) throws -> Void) throws {
        var cursor = cursor()
        while let change = try cursor.next() { try body(change) }
    }
}

/// Steps through the changes of a list.
package struct ChangeCursor: Sendable {
    private var records: RecordCursor
    private let hidden: Set<BytePath>
    private let shown: Set<BytePath>
    private var isStarted = false
    private var hasRecord = false

    init(_ records: RecordCursor, hidden: Set<BytePath>, shown: Set<BytePath>) {
        (self.records, self.hidden, self.shown) = (records, hidden, shown)
    }

    /// The next change; `nil` after the last one.
    package mutating func next() throws(SpillError) -> PathChange? {
        if !isStarted {
            isStarted = true
            hasRecord = try records.step()
        }
        while hasRecord {
            let path = records.withRecord { key, _ in BytePath(bytes: Array(key)) }
            let first = try event(path)
            hasRecord = try records.step()
            let change: PathChange?
            if hasRecord, isAt(path) {
                change = try whole(path, first)
            } else if case .change(let only, _) = first {
                change = only
            } else {
                change = ChangeStory(first).change
            }
            if let change, hidden.isEmpty || !isHidden(change.path) { return change }
        }
        return nil
    }

    /// What all events of a path come to, of which the first was read already.
    private mutating func whole(_ path: BytePath, _ first: ChangeEvent) throws(SpillError) -> PathChange? {
        var story = ChangeStory(first)
        while hasRecord, isAt(path) {
            story.add(try event(path))
            hasRecord = try records.step()
        }
        return story.change
    }

    /// Whether the current record is about the path.
    private func isAt(_ path: BytePath) -> Bool {
        records.withRecord { key, _ in path.bytes.withUnsafeBytes { RecordRuns.compare(key, $0) == 0 } }
    }

    /// The event of the current record.
    private func event(_ path: BytePath) throws(SpillError) -> ChangeEvent {
        guard let event = records.withRecord({ _, value in ChangeEvent(path: path, value) }) else {
            throw SpillError("temporary data came back damaged")
        }
        return event
    }

    private func isHidden(_ path: BytePath) -> Bool {
        if hidden.isEmpty { return false }
        var path = path
        // A mount point itself stays hidden.
        if shown.contains(path) { return true }
        while path != BytePath("/") {
            if shown.contains(path) { return false }
            if hidden.contains(path) { return true }
            path = path.parent
        }
        return false
    }
}

/// What the events of one path come to.
private struct ChangeStory {
    private var found: PathChange?
    private var doubt: PathChange?
    private var isSame = false
    private var isMovedAway = false
    private var origin: BytePath?

    init(_ event: ChangeEvent) { add(event) }

    mutating func add(_ event: ChangeEvent) {
        switch event {
        case .change(let change, _): found = found.map { Self.merged($0, change) } ?? change
        case .doubt(let change): doubt = change
        case .same: isSame = true
        case .movedAway: isMovedAway = true
        case .movedHere(let old): origin = old
        }
    }

    var change: PathChange? {
        guard let found else { return isSame ? nil : doubt }
        if found.change == .removed, isMovedAway { return nil }
        guard let origin, found.change == .added else { return found }
        var renamed = found
        (renamed.change, renamed.renamedFrom) = (.renamed, origin)
        return renamed
    }

    /// Two changes of one path: when one is its removal, something was renamed over it.
    private static func merged(_ last: PathChange, _ next: PathChange) -> PathChange {
        var newer = next.change == .removed ? last : next
        if (last.change == .removed) != (next.change == .removed) {
            (newer.change, newer.renamedFrom) = (.modified, nil)
        }
        return newer
    }
}
