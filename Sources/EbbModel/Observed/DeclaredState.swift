/// One declared path and its target, as they are on the host.
package struct DeclaredState: Hashable, Sendable, Codable {
    /// What `lstat` says of one of the two; `nil` members could not be read.
    package struct Node: Hashable, Sendable, Codable {
        package var kind: FileKind
        /// `st_dev:st_ino`, equal for the same file seen at two paths.
        package var identity: String
        package var owner: String
        package var uid: UInt32
        package var group: String
        package var gid: UInt32
        package var mode: UInt16
        package var size: Int64
        /// Whether not even root can make anything in the directory, or write to the file; `nil`: not known to be so.
        package var isLocked: Bool?
        /// Whether a directory above it lets nobody in, whose mode has no such bit; `nil`: not known to be so.
        package var isClosed: Bool?

        package init(
            kind: FileKind, identity: String, owner: String, uid: UInt32, group: String, gid: UInt32, mode: UInt16,
            size: Int64
        ) {
            (self.kind, self.identity, self.owner, self.uid, self.group) = (kind, identity, owner, uid, group)
            (self.gid, self.mode, self.size) = (gid, mode, size)
        }
    }

    /// The declared path, links not followed; `nil`: nothing is there.
    package var path: Node?
    /// Where the declared path points, when it is a symbolic link.
    package var linkTarget: BytePath?
    /// The target on persistent storage; `nil`: nothing is there.
    package var target: Node?
    /// Mount point of the file system that holds the path.
    package var pathMount: BytePath?
    /// Mount point of the file system that holds the target.
    package var targetMount: BytePath?
    /// The target with its links resolved; `nil` where they lead nowhere, or nobody looked.
    package var targetPlace: BytePath?
    /// SHA-256 of the target's content, lower-case hexadecimal, for small identity files only.
    package var digest: String?

    package init() {}
}
