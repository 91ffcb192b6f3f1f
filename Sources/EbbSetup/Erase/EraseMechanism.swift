/// The parts of a system that can erase a root at boot.
package enum EraseMechanism: String, Sendable, Codable, CaseIterable {
    /// A local-premount script of initramfs-tools that rolls a ZFS dataset back.
    case initramfsZFS = "initramfs-zfs"
    /// A local-premount script of initramfs-tools that replaces a btrfs subvolume.
    case initramfsBtrfs = "initramfs-btrfs"
    /// A local-top script of initramfs-tools that makes the root's ext4 anew and copies the blank into it.
    case initramfsMkfs = "initramfs-mkfs"
    /// A local-bottom script of initramfs-tools that copies the blank into memory and makes that the root.
    case initramfsTmpfs = "initramfs-tmpfs"
    /// The package overlayroot: the root is an overlay on memory.
    case overlayroot
    /// `systemd.volatile=overlay`, which needs an initramfs with systemd in it.
    case systemdVolatile = "systemd-volatile"
    /// `bootfs.rollback` of the dracut module of OpenZFS: checked, not installed.
    case dracutZFS = "dracut-zfs"
    /// A module for a NixOS configuration: written, never applied by Ebb.
    case nixos

    /// Whether a script of Ebb's in the initramfs goes back to a blank that has an identity of its own.
    package var goesBackToBlank: Bool { initramfsStage != nil }

    /// The folder of initramfs-tools whose scripts run when the erasing must happen; `nil` where
    /// Ebb has no script there.
    package var initramfsStage: String? {
        switch self {
        case .initramfsZFS, .initramfsBtrfs: "local-premount"
        // Before anything waits for the root's device: after a power cut it may bear no mark.
        case .initramfsMkfs: "local-top"
        case .initramfsTmpfs: "local-bottom"
        case .overlayroot, .systemdVolatile, .dracutZFS, .nixos: nil
        }
    }
}
