/// The parts of a system that can erase a root at boot.
package enum EraseMechanism: String, Sendable, Codable, CaseIterable {
    /// A local-premount script of initramfs-tools that rolls a ZFS dataset back.
    case initramfsZFS = "initramfs-zfs"
    /// A local-premount script of initramfs-tools that replaces a btrfs subvolume.
    case initramfsBtrfs = "initramfs-btrfs"
    /// The package overlayroot: the root is an overlay on memory.
    case overlayroot
    /// `systemd.volatile=overlay`, which needs an initramfs with systemd in it.
    case systemdVolatile = "systemd-volatile"
    /// `bootfs.rollback` of the dracut module of OpenZFS: checked, not installed.
    case dracutZFS = "dracut-zfs"
    /// A module for a NixOS configuration: written, never applied by Ebb.
    case nixos
}
