package import FoundationEssentials

/// One difference between a live root and its blank: what the next boot will undo.
package struct PathChange: Hashable, Sendable, Codable {
    /// What happened to the path since the blank.
    package enum Kind: String, Sendable, Codable, CaseIterable { case added, modified, removed, renamed }

    /// The path on the live root; for `removed` the path in the blank.
    package let path: BytePath
    /// What happened to it.
    package var change: Kind
    /// Its kind now; for `removed` its kind in the blank.
    package let kind: FileKind
    /// Size in bytes, where the probe knows it.
    package let size: Int64?
    /// Permission bits, such as 0o644.
    package let mode: UInt16?
    /// Owner's number.
    package let uid: UInt32?
    /// Group's number.
    package let gid: UInt32?
    /// Time of the last content change.
    package let modified: Date?
    /// Time of the last change of the inode, where the probe saw it; it is not stored.
    package var changed: Date?
    /// Where a symbolic link points.
    package let linkTarget: BytePath?
    /// The path in the blank, for `renamed`.
    package var renamedFrom: BytePath?

    package init(
        path: BytePath, change: Kind, kind: FileKind, size: Int64? = nil, mode: UInt16? = nil, uid: UInt32? = nil,
        gid: UInt32? = nil, modified: Date? = nil, linkTarget: BytePath? = nil, renamedFrom: BytePath? = nil,
        changed: Date? = nil
    ) {
        (self.path, self.change, self.kind, self.size, self.mode, self.uid) = (path, change, kind, size, mode, uid)
        (self.gid, self.modified, self.linkTarget, self.renamedFrom) = (gid, modified, linkTarget, renamedFrom)
        self.changed = changed
    }
}
