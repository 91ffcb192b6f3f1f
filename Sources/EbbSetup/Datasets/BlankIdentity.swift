/// What makes one blank that very blank, so that a re-made one is noticed.
package struct BlankIdentity: Hashable, Sendable, Codable {
    /// The snapshot's guid on ZFS, the subvolume's UUID on btrfs.
    package let guid: String
    /// The transaction group on ZFS, the generation on btrfs, in which it was taken.
    package let createdAt: Int64

    package init(guid: String, createdAt: Int64) { (self.guid, self.createdAt) = (guid, createdAt) }
}
