package import EbbModel
import FoundationEssentials

/// What a boot shall do, and when it shall rather stop.
package struct EraseRequest: Hashable, Sendable {
    /// Whether the boot erases.
    package enum Stage: String, Sendable, Codable, CaseIterable {
        /// It checks that it could, and says so.
        case trial
        /// It erases.
        case armed
    }

    /// What happens when the root cannot be erased.
    package enum Failure: String, Sendable, Codable, CaseIterable {
        /// The boot ends in the rescue shell.
        case stop
        /// The host boots as it is, and says so in `/run/ebb/erase`.
        case dirty
    }

    package var root: RootSettings
    /// Mount point of the persistent storage that holds Ebb's own settings.
    package var storage: String
    /// The blank that the boot must find.
    package var identity: BlankIdentity?
    package var stage: Stage
    package var onFailure: Failure

    package init(
        root: RootSettings, storage: String, identity: BlankIdentity? = nil, stage: Stage, onFailure: Failure = .stop
    ) {
        (self.root, self.storage, self.identity, self.stage) = (root, storage, identity, stage)
        self.onFailure = onFailure
    }
}

extension RootSettings {
    /// A setting that must not be missing.
    func needed(_ name: String, _ value: String?) throws(EraseRefusal) -> String {
        if let value { return value }
        throw EraseRefusal(message: "ebb.root needs \(name)")
    }
}

/// Why a mechanism cannot be set up, in words that name the cure.
package struct EraseRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    package let message: String
    package var description: String { message }
}

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

/// A file that Ebb puts on a host.
package struct HostFile: Hashable, Sendable {
    /// Absolute path.
    package let path: String
    /// Permission bits.
    package let mode: UInt16
    package let content: String

    /// Path, mode and content, as a script takes them.
    var words: [String] { [path, String(mode, radix: 8), Data(content.utf8).base64EncodedString()] }
}
