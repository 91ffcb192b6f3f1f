package import EbbModel

/// How a root is erased, judged by what is mounted at `/`.
package enum ObservedStrategy {
    /// The strategy that the mounts show.
    ///
    /// A plain file system looks the same whether an initrd makes it anew or nobody does, so there,
    /// and only there, the declaration decides between `mkfs` and `none`.
    package static func strategy(mounts: MountTable, declared: Strategy?) -> Strategy? {
        guard let root = mounts.root else { return nil }
        switch root.fileSystem {
        case "zfs": return .zfs
        case "btrfs": return .btrfs
        case "overlay", "overlayfs", "aufs", "fuse.fuse-overlayfs": return .overlay
        case "tmpfs", "ramfs", "rootfs": return .tmpfs
        default: return declared == .mkfs ? .mkfs : Strategy.none
        }
    }

    /// A gap where the inventory says one thing and the mounts another.
    package static func mismatch(observed: Strategy, declared: Strategy?) -> ProbeGap? {
        guard let declared, declared != observed else { return nil }
        // A host that is not ephemeral yet may well have a file system that could be.
        if declared == .none, observed == .zfs || observed == .btrfs { return nil }
        return ProbeGap(
            probe: FactProbes.mounts, reason: .mismatch,
            message: "the inventory says \(declared.rawValue), " + "the mounted root is \(observed.rawValue)")
    }
}
