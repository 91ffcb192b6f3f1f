/// How a host's root is erased at boot.
package enum Strategy: String, Sendable, Codable, CaseIterable {
    /// Rolled back to a blank ZFS snapshot.
    case zfs
    /// Replaced by a snapshot of a blank btrfs subvolume.
    case btrfs
    /// An overlay whose upper layer lives in memory.
    case overlay
    /// A file system in memory.
    case tmpfs
    /// A file system made anew at each boot.
    case mkfs
    /// Not ephemeral yet.
    case none
}
