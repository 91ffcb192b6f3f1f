import EbbModel

/// The mounts of a host, in the order in which they were made.
struct MountTable: Sendable, Hashable {
    let mounts: [Mount]

    init(_ mounts: [Mount]) { self.mounts = mounts }

    /// Reads `/proc/self/mountinfo`; `nil` when a line is not in its form.
    init?(mountinfo bytes: [UInt8]) {
        var mounts: [Mount] = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let mount = Self.mount(line) else { return nil }
            mounts.append(mount)
        }
        self.mounts = mounts
    }

    /// What is mounted at `/` now: of several, the last one covers the others.
    var root: Mount? { mounts.last { $0.mountPoint == BytePath("/") } }

    /// The mount that holds an absolute path whose directories are already resolved.
    func holder(of path: BytePath) -> Mount? {
        var best: Mount?
        for mount in mounts where path.isInside(mount.mountPoint) {
            let length = best?.mountPoint.bytes.count ?? 0
            if mount.mountPoint.bytes.count >= length { best = mount }
        }
        return best
    }

    /// `id parent major:minor root point options tag… - type source super-options`.
    private static func mount(_ line: ArraySlice<UInt8>) -> Mount? {
        let fields = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard fields.count >= 10, let dash = fields[6...].firstIndex(where: { $0.elementsEqual([UInt8(ascii: "-")]) }),
            fields.count >= dash + 4
        else { return nil }
        let text = { (field: ArraySlice<UInt8>) in String(decoding: unescaped(field), as: UTF8.self) }
        return Mount(
            device: text(fields[2]), root: BytePath(bytes: unescaped(fields[3])),
            mountPoint: BytePath(bytes: unescaped(fields[4])), options: text(fields[5]),
            fileSystem: text(fields[dash + 1]), source: text(fields[dash + 2]), superOptions: text(fields[dash + 3]))
    }

    /// The kernel writes space, tab, newline and backslash as three octal digits.
    private static func unescaped(_ field: ArraySlice<UInt8>) -> [UInt8] { field.unescaped(digits: 3) ?? Array(field) }

    /// How the root is erased, as far as the mounts show it.
    ///
    /// A plain file system looks the same whether an initrd makes it anew or nobody does, so there,
    /// and only there, the declaration decides between `mkfs` and `none`.
    func strategy(declared: Strategy?) -> Strategy? {
        guard let root else { return nil }
        switch root.fileSystem {
        case "zfs": return .zfs
        case "btrfs": return .btrfs
        case "overlay", "overlayfs", "aufs", "fuse.fuse-overlayfs": return .overlay
        case "tmpfs", "ramfs", "rootfs": return .tmpfs
        default: return declared == .mkfs ? .mkfs : Strategy.none
        }
    }

    /// A gap where the inventory says one thing and the mounts another.
    static func mismatch(observed: Strategy, declared: Strategy?) -> ProbeGap? {
        guard let declared, declared != observed else { return nil }
        // A host that is not ephemeral yet may well have a file system that could be.
        if declared == .none, observed == .zfs || observed == .btrfs { return nil }
        return ProbeGap(
            probe: FactReader.mounts, reason: .mismatch,
            message: "the inventory says \(declared.rawValue), the mounted root is \(observed.rawValue)")
    }
}
