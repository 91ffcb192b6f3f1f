/// Gathers what a listing says, in any order and however much it is, into a list of changes.
///
/// An entry that left one path and an entry that came to another are one that was renamed, where
/// they have the same inode number.
package struct ChangeListBuilder: Sendable {
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
            case .removed: removedBytes += change.path.bytes.count + RemovedEntries.weight
            case .modified, .renamed: inode = nil
            }
        }
        let event = ChangeEvent.change(change, inode: inode)
        try events.add(change.path.bytes) { event.write(to: &$0) }
    }

    /// Takes a change that only counts unless the path is settled as the same.
    package mutating func addDoubtful(_ change: PathChange) throws(SpillError) {
        try events.add(change.path.bytes) { ChangeEvent.doubt(change).write(to: &$0) }
    }

    /// A closer comparison showed that a doubtful path is the same.
    package mutating func settle(_ path: BytePath) throws(SpillError) {
        try events.add(path.bytes) { ChangeEvent.same.write(to: &$0) }
    }

    /// The list; the builder is empty afterwards.
    package mutating func finish() throws(SpillError) -> ChangeList {
        let found = events.finish()
        let renames = try pair(found)
        removedBytes = 0
        hasAdded = false
        return ChangeList(lists: [found] + renames, hidden: [])
    }

    // MARK: - Renames

    /// Finds renames in as many passes as memory needs: each takes some of the inode numbers.
    private func pair(_ found: RecordRuns) throws(SpillError) -> [RecordRuns] {
        guard removedBytes > 0, hasAdded else { return [] }
        // Apart, because each half mostly comes in its own order.
        let small = SpillPolicy(limit: max(1, policy.limit / 4), make: policy.make)
        var left = RecordSorter(small)
        var come = RecordSorter(small)
        // Several limits at once are held here: each pass reads everything twice.
        let room = policy.limit > Int.max / 4 ? policy.limit : policy.limit * 4
        let passes = UInt64(removedBytes / max(1, room) + 1)
        for pass in 0..<passes {
            var removed = RemovedEntries()
            try Self.forEachHalf(found, .removed, pass, of: passes) { path, half in removed.add(half, path: path) }
            if removed.isEmpty { continue }
            try Self.forEachHalf(found, .added, pass, of: passes) { (path, half) throws(SpillError) in
                guard let old = removed.takePath(half, needsEqualTimes: needsEqualTimes) else { return }
                try left.add(old.bytes) { ChangeEvent.movedAway.write(to: &$0) }
                try come.add(Array(path)) { ChangeEvent.movedHere(from: old).write(to: &$0) }
            }
        }
        return left.isEmpty ? [] : [left.finish(), come.finish()]
    }

    private static func forEachHalf(
        _ found: RecordRuns, _ change: PathChange.Kind, _ pass: UInt64, of passes: UInt64,
        _ body: (UnsafeRawBufferPointer, ChangeEvent.Half) throws(SpillError) -> Void
    ) throws(SpillError) {
        try found.forEach { (key, value) throws(SpillError) in
            guard let half = ChangeEvent.half(value, of: change), passes == 1 || scattered(half.inode) % passes == pass
            else { return }
            try body(key, half)
        }
    }

    /// A host that chooses its inode numbers does not choose the pass as well.
    private static func scattered(_ inode: UInt64) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(inode)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}
