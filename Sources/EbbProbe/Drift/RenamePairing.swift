import EbbModel

/// Finds renames: an entry that left one path and an entry that came to another are the same one.
///
/// Only for trees whose inode numbers are comparable; records of others carry none.
struct RenamePairing {
    /// Whether a file must also have kept its time: ZFS gives numbers of removed files out again.
    var needsEqualTimes = false
    /// Where in the list of changes the removal of an inode's name stands.
    private var removed: [UInt64: Int] = [:]
    private var added: [(inode: UInt64, index: Int)] = []

    /// Whether no entry that came or went is waiting for its other half.
    var isEmpty: Bool { removed.isEmpty && added.isEmpty }

    mutating func noteAdded(_ record: DriftRecord, at index: Int) {
        if let inode = record.inode { added.append((inode, index)) }
    }

    mutating func noteRemoved(_ record: DriftRecord, at index: Int) {
        if let inode = record.inode { removed[inode] = index }
    }

    /// Replaces each pair of a removal and an addition of one entry by a rename.
    ///
    /// Only the tail of `changes` may have grown since the notes were taken.
    mutating func apply(to changes: inout [PathChange]) {
        defer {
            removed = [:]
            added = []
        }
        if removed.isEmpty || added.isEmpty { return }
        var gone: Set<Int> = []
        for (inode, index) in added {
            guard let source = removed[inode] else { continue }
            let old = changes[source]
            let new = changes[index]
            guard old.kind == new.kind,
                !needsEqualTimes || new.kind != .file || old.modified == new.modified
            else { continue }
            removed[inode] = nil
            gone.insert(source)
            changes[index] = PathChange(
                path: new.path, change: .renamed, kind: new.kind, size: new.size, mode: new.mode,
                uid: new.uid, gid: new.gid, modified: new.modified, linkTarget: new.linkTarget,
                renamedFrom: old.path, changed: new.changed)
        }
        if gone.isEmpty { return }
        var index = 0
        changes.removeAll { _ in
            defer { index += 1 }
            return gone.contains(index)
        }
    }
}
