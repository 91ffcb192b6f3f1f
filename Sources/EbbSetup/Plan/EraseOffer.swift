package import EbbModel

/// Whether a host can be offered one erase mechanism, and why not.
package struct EraseOffer: Hashable, Sendable {
    package let mechanism: EraseMechanism
    /// One sentence that says why not and names the cure where there is one; `nil`: it is offered.
    package let obstacle: String?

    /// All mechanisms, the offered ones first.
    package static func offers(for survey: HostSurvey, mounts: [Mount], root: RootSettings?) -> [EraseOffer] {
        let fileSystem = mounts.last { $0.mountPoint == BytePath("/") }?.fileSystem
        let hasOwnBoot = mounts.contains { $0.mountPoint == BytePath("/boot") }
        let all = EraseMechanism.allCases.map { mechanism in
            EraseOffer(
                mechanism: mechanism,
                obstacle: obstacle(mechanism, survey, fileSystem, root) ?? bootObstacle(mechanism, hasOwnBoot))
        }
        return all.filter { $0.obstacle == nil } + all.filter { $0.obstacle != nil }
    }

    /// A root that goes back to its blank takes `/boot` along, and the initramfs in it, which knew
    /// nothing of that blank yet.
    private static func bootObstacle(_ mechanism: EraseMechanism, _ hasOwnBoot: Bool) -> String? {
        switch mechanism {
        case .initramfsZFS, .initramfsBtrfs, .initramfsMkfs, .initramfsTmpfs:
            hasOwnBoot ? nil : "/boot lies on the root: give it a file system, dataset or subvolume of its own"
        case .overlayroot, .systemdVolatile, .dracutZFS, .nixos: nil
        }
    }

    private static func obstacle(
        _ mechanism: EraseMechanism, _ survey: HostSurvey, _ fileSystem: String?, _ root: RootSettings?
    ) -> String? {
        guard let fileSystem else { return "it is not known what is mounted at /" }
        if survey.initramfs == .nixos, mechanism != .nixos {
            return "this is a NixOS host: its configuration stays the one source"
        }
        switch mechanism {
        case .initramfsZFS:
            if fileSystem != "zfs" { return "the root is \(fileSystem), not ZFS" }
            if survey.initramfs != .initramfsTools { return "the initramfs is not initramfs-tools'" }
        case .initramfsBtrfs:
            if fileSystem != "btrfs" { return "the root is \(fileSystem), not btrfs" }
            if survey.initramfs != .initramfsTools { return "the initramfs is not initramfs-tools'" }
            if root?.subvolume == nil { return "the root must be a subvolume of its own: ebb.root.subvolume" }
        case .initramfsMkfs:
            if fileSystem != "ext4" { return "the root is \(fileSystem), not ext4" }
            return copyObstacle(survey, root)
        case .initramfsTmpfs:
            if fileSystem == "zfs" { return "a root on ZFS is not mounted by the script that this follows" }
            return copyObstacle(survey, root)
        case .overlayroot:
            if survey.initramfs != .initramfsTools { return "the initramfs is not initramfs-tools'" }
            if !survey.hasOverlayroot { return "the package overlayroot is not installed" }
            if fileSystem == "zfs" { return "overlayroot cannot mount a root on ZFS" }
        case .systemdVolatile:
            if survey.hasSystemdInitrd != true {
                return "systemd.volatile=overlay needs an initramfs with systemd in it"
            }
            if survey.loader != .grub { return "the kernel command line is not set through GRUB" }
            if fileSystem == "zfs" { return "the tree below an overlay on ZFS could not be shown" }
        case .dracutZFS:
            if fileSystem != "zfs" { return "the root is \(fileSystem), not ZFS" }
            if survey.initramfs != .dracut { return "the initramfs is not dracut's" }
            let parts = (survey.zfs ?? "").split(separator: ".").compactMap { Int($0) }
            if parts.count < 2 || (parts[0], parts[1]) < (2, 2) {
                return "before OpenZFS 2.2 the rollback was not ordered before the root's mount"
            }
        case .nixos: if survey.initramfs != .nixos { return "this is no NixOS host" }
        }
        return nil
    }

    /// What keeps a root from being copied out of a directory at each boot.
    private static func copyObstacle(_ survey: HostSurvey, _ root: RootSettings?) -> String? {
        if survey.initramfs != .initramfsTools { return "the initramfs is not initramfs-tools'" }
        if root?.blank?.hasPrefix("/") != true {
            return "ebb.root.blank must name a directory on persistent storage for the blank"
        }
        return nil
    }
}
