package import EbbModel

/// What the next boot makes of what lies at a place: the one decision behind every word about persistence.
package enum Fate: Hashable, Sendable {
    /// It is there again, and services can write to it.
    case survives
    /// It is there again, and nothing can be written to it.
    case readOnly(String)
    /// It is gone, for this reason.
    case lost(String)
    /// Nobody can say, for this reason.
    case unknown(String)

    /// The fate of what lies on the mount at `point`, by the mount table and the way the host erases.
    ///
    /// A mount alone proves nothing: it may be in memory, show a directory of the root, have its upper layer in
    /// memory, or be erased as well.
    package static func ofMount(at point: BytePath, mounts: [Mount], root settings: RootSettings?) -> Fate {
        guard let mount = mounts.last(where: { $0.mountPoint == point }) else {
            return .unknown("nothing is known to be mounted at \(point.printable)")
        }
        return of(mount, mounts, settings, depth: 0)
    }

    private static let root = BytePath("/")
    private static let inMemory: Set<String> = ["tmpfs", "ramfs", "devtmpfs", "rootfs"]

    private static func of(_ mount: Mount, _ mounts: [Mount], _ settings: RootSettings?, depth: Int) -> Fate {
        let place = mount.mountPoint.printable
        if let erased = settings?.erases.first(where: { BytePath($0) == mount.mountPoint }) {
            return .lost("each boot erases \(erased)")
        }
        if inMemory.contains(mount.fileSystem) { return .lost("\(place) is in memory") }
        if mount.fileSystem == "autofs" { return .unknown("\(place) is mounted only when it is used") }
        if mount.fileSystem == "overlay", mount.mountPoint != root { return ofOverlay(mount, mounts, settings, depth) }
        if let live = mounts.last(where: { $0.mountPoint == root }) {
            if mount.mountPoint == root { return .lost("it lies on the root") }
            // A bind mount of the root, or of a directory on it: btrfs and ZFS show another root or device.
            if live.device == mount.device, live.fileSystem == mount.fileSystem, mount.root.isInside(live.root) {
                return .lost("\(place) shows a directory of the root itself")
            }
        }
        let options = (mount.options + "," + mount.superOptions).split(separator: ",")
        if options.contains("ro") { return .readOnly("\(place) is mounted read-only") }
        return .survives
    }

    /// Writes to an overlay land in its upper directory, wherever that lies.
    private static func ofOverlay(_ mount: Mount, _ mounts: [Mount], _ settings: RootSettings?, _ depth: Int) -> Fate {
        let place = mount.mountPoint.printable
        let upper = mount.superOptions.split(separator: ",").first { $0.hasPrefix("upperdir=") }
        guard let upper else { return .readOnly("\(place) is an overlay without an upper layer") }
        let directory = BytePath(String(upper.dropFirst("upperdir=".count)))
        let holders = mounts.filter { $0.mountPoint != mount.mountPoint && directory.isInside($0.mountPoint) }
        let holder = holders.max { $0.mountPoint.bytes.count < $1.mountPoint.bytes.count }
        guard depth < 4, let holder, holder.mountPoint != root else {
            return .unknown("where the upper layer of \(place), \(directory.printable), lies cannot be seen")
        }
        switch of(holder, mounts, settings, depth: depth + 1) {
        case .lost(let why): return .lost("\(place) is an overlay whose upper layer is lost: \(why)")
        case let other: return other
        }
    }

    /// What becomes of a mount inside a directory that does not survive as a part of it; `nil`: there is none.
    ///
    /// What is mounted over a part of a declared directory takes that part's writes. Another file system may be
    /// read-only by right, such as an image; a part of the directory itself may not.
    package static func troubleInside(_ path: BytePath, mounts: [Mount], root settings: RootSettings?) -> Fate? {
        let inside = mounts.filter { $0.mountPoint != path && $0.mountPoint.isInside(path) }
        let own = mounts.filter { path.isInside($0.mountPoint) }.max {
            $0.mountPoint.bytes.count < $1.mountPoint.bytes.count
        }
        var readOnly: Fate?
        for mount in inside {
            switch of(mount, mounts, settings, depth: 0) {
            case .lost(let why): return .lost("inside it \(why)")
            case .readOnly(let why) where mount.device == own?.device:
                readOnly = readOnly ?? .readOnly("inside it \(why)")
            case .survives, .unknown, .readOnly: continue
            }
        }
        return readOnly
    }

    /// Whether the mount at `point` shows a directory of `storage`, and not the one at `place`; one that is mounted as
    /// a file system or a subvolume of its own does not.
    static func isElsewhere(_ point: BytePath, on storage: BytePath, than place: BytePath, mounts: [Mount]) -> Bool {
        guard let mount = mounts.last(where: { $0.mountPoint == point }), place.isInside(storage),
            let whole = mounts.first(where: { $0.mountPoint == storage }), whole.device == mount.device,
            mount.root.isInside(whole.root)
        else { return false }
        let isSubvolume = mount.superOptions.split(separator: ",").contains { $0 == "subvol=\(mount.root.printable)" }
        let rest = place.bytes.dropFirst(storage.bytes.count)
        let expected = whole.root == root ? BytePath(bytes: Array(rest)) : BytePath(bytes: whole.root.bytes + rest)
        return !isSubvolume && mount.root != expected
    }
}
