/// Gathers what a listing says, in any order and however much it is, into a list of changes.
///
/// An entry that left one path and an entry that came to another are one that was renamed, where
/// they have the same inode number.
package struct ChangeCollector: Sendable {
    /// Whether a renamed file must have kept its time: ZFS gives numbers of removed files out again.
    package var needsEqualTimes = false

    private let policy: SpillPolicy
    private var events: RecordSorter
    /// How many bytes the removals take that may be one half of a rename, and whether the other may exist.
    private var removedBytes = 0
    private var hasAdded = false

    package init(_ policy: SpillPolicy = .never) {
        self.policy = policy
        events = RecordSorter(policy)
    }

    /// Takes a change; `inode` where another path may turn out to be the same entry.
    package mutating func add(_ change: PathChange, inode: UInt64? = nil) throws(SpillError) {
        var inode = inode
        if inode != nil {
            switch change.change {
            case .added: hasAdded = true
            case .removed: removedBytes += change.path.bytes.count + 400
            case .modified, .renamed: inode = nil
            }
        }
        let event = ChangeEvent.change(change, inode: inode)
        try events.add(change.path.bytes) { event.write(to: &$0) }
    }

    /// Takes a change that only counts if nobody says that the path is the same after all.
    package mutating func addDoubtful(_ change: PathChange) throws(SpillError) {
        try events.add(change.path.bytes) { ChangeEvent.doubt(change).write(to: &$0) }
    }

    /// Somebody looked at a doubtful path: it is the same.
    package mutating func settle(_ path: BytePath) throws(SpillError) {
        try events.add(path.bytes) { ChangeEvent.same.write(to: &$0) }
    }

    /// The list; the collector is empty afterwards.
    package mutating func finish() throws(SpillError) -> ChangeList {
        let found = events.finish()
        let renames = try pair(found)
        removedBytes = 0
        hasAdded = false
        return ChangeList(lists: renames.map { [found, $0] } ?? [found], hidden: [])
    }

    // MARK: - Renames

    /// Finds renames in as many passes as memory asks for: each looks at some of the inode numbers.
    private func pair(_ found: RecordRuns) throws(SpillError) -> RecordRuns? {
        guard removedBytes > 0, hasAdded else { return nil }
        var renames = RecordSorter(policy)
        // Several limits at once are held here: each pass reads everything twice.
        let room = policy.limit > Int.max / 4 ? policy.limit : policy.limit * 4
        let passes = UInt64(removedBytes / max(1, room) + 1)
        for pass in 0..<passes {
            var removed: [UInt64: PathChange] = [:]
            try Self.forEachMovable(found, .removed, pass, of: passes) { inode, change in
                removed[inode] = change
            }
            if removed.isEmpty { continue }
            try Self.forEachMovable(found, .added, pass, of: passes) {
                (inode, new) throws(SpillError) in
                guard let old = removed[inode], old.kind == new.kind,
                    !needsEqualTimes || new.kind != .file || old.modified == new.modified
                else { return }
                removed[inode] = nil
                try renames.add(old.path.bytes) { ChangeEvent.movedAway.write(to: &$0) }
                try renames.add(new.path.bytes) {
                    ChangeEvent.movedHere(from: old.path).write(to: &$0)
                }
            }
        }
        return renames.isEmpty ? nil : renames.finish()
    }

    private static func forEachMovable(
        _ found: RecordRuns, _ kind: PathChange.Kind, _ pass: UInt64, of passes: UInt64,
        _ body: (UInt64, PathChange) throws(SpillError) -> Void
    ) throws(SpillError) {
        try found.forEach { (key, value) throws(SpillError) in
            guard let inode = ChangeEvent.inode(value), scattered(inode) % passes == pass,
                case .change(let change, _)? = ChangeEvent(
                    path: BytePath(bytes: Array(key)), value), change.change == kind
            else { return }
            try body(inode, change)
        }
    }

    /// A host that chooses its inode numbers does not choose the pass as well.
    private static func scattered(_ inode: UInt64) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(inode)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}
