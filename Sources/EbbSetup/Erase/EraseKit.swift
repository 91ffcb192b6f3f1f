package import EbbModel
import FoundationEssentials

/// Everything that one erase mechanism puts on a host, and how it takes effect.
package struct EraseKit: Hashable, Sendable {
    package let mechanism: EraseMechanism
    /// Files on the root; they must be in the blank as well.
    package let rootFiles: [HostFile]
    /// Files on persistent storage: what they say changes without a new blank.
    package private(set) var storageFiles: [HostFile]
    /// What makes the files count, in order.
    package private(set) var rebuild: [RemoteCommand]
    /// A file that is there from the first change until the rebuild has ended well.
    let pendingMark: String
    /// What the initramfs lists when it holds the mechanism.
    private(set) var imageEntry: String?
    /// How a person boots once without erasing.
    package let wayOut: String

    /// Whether installing makes the initramfs anew, so that the one before is worth keeping.
    var rebuildsInitramfs: Bool { rebuild.contains(Self.rebuildInitramfs) }

    /// Where Debian's GRUB reads what `systemd.volatile` adds to the kernel's command line.
    static let commandLineFile = "/etc/default/grub.d/90-ebb-erase.cfg"

    /// The files and commands for a mechanism; throws where the settings leave something open.
    package static func make(_ mechanism: EraseMechanism, _ request: EraseRequest) throws(EraseRefusal) -> EraseKit {
        switch mechanism {
        case .initramfsZFS, .initramfsBtrfs, .initramfsMkfs, .initramfsTmpfs: try initramfs(mechanism, request)
        case .overlayroot: try overlayroot(request)
        case .systemdVolatile: try volatile(request)
        case .dracutZFS, .nixos:
            throw EraseRefusal(
                message: "\(mechanism.rawValue) is not installed by Ebb: it belongs to the "
                    + "configuration that builds the host")
        }
    }

    /// What must be on the root before the blank is taken, and so in it.
    ///
    /// Of an initramfs mechanism nothing is in effect yet: only the blank's identity, which is not
    /// known before there is one, makes it whole.
    package static func beforeBlank(_ mechanism: EraseMechanism, _ request: EraseRequest) throws(EraseRefusal)
        -> EraseKit
    {
        var request = request
        request.stage = .trial
        guard mechanism.goesBackToBlank else { return try make(mechanism, request) }
        request.identity = BlankIdentity(guid: "-", createdAt: 0)
        var kit = try make(mechanism, request)
        (kit.storageFiles, kit.rebuild, kit.imageEntry) = ([], [], nil)
        return kit
    }

    /// The mark on persistent storage, beside the settings.
    private static func mark(_ request: EraseRequest) -> String { "\(request.storage)/.ebb/initramfs-pending" }

    /// Every kernel's initramfs: whichever is booted must erase.
    private static let rebuildInitramfs = RemoteCommand("update-initramfs", "-u", "-k", "all")

    private static func initramfs(_ mechanism: EraseMechanism, _ request: EraseRequest) throws(EraseRefusal) -> EraseKit
    {
        guard let stage = mechanism.initramfsStage, let identity = request.identity else {
            throw EraseRefusal(message: "the blank's identity is not known: a boot could not tell it from another")
        }
        let root = request.root
        var lines = [("strategy", root.strategy.rawValue)]
        switch (mechanism, root.strategy) {
        case (.initramfsZFS, .zfs): lines.append(("dataset", try root.needed("dataset", root.dataset)))
        case (.initramfsBtrfs, .btrfs): lines.append(("subvolume", try root.needed("subvolume", root.subvolume)))
        case (.initramfsMkfs, .mkfs), (.initramfsTmpfs, .tmpfs): break
        default:
            throw EraseRefusal(
                message: "\(mechanism.rawValue) cannot erase a root of strategy \(root.strategy.rawValue)")
        }
        lines += [
            ("blank", try root.needed("blank", root.blank)), ("identity", identity.guid),
            ("stage", request.stage.rawValue), ("on_failure", request.onFailure.rawValue),
        ]
        let settings =
            "# What the initramfs does with the root; `update-initramfs -u -k all` after a change.\n"
            + lines.map { "\($0.0)=\(RemoteCommand.quoted($0.1))\n" }.joined()
        let scripts = "/etc/initramfs-tools"
        return EraseKit(
            mechanism: mechanism,
            rootFiles: [
                HostFile(
                    path: "\(scripts)/hooks/ebb-erase", mode: 0o755,
                    content: text(PackageResources.initramfs_hook).replacing("@storage@", with: request.storage)),
                HostFile(
                    path: "\(scripts)/scripts/\(stage)/ebb-erase", mode: 0o755,
                    content: text(PackageResources.erase_initramfs).replacing(
                        "# @btrfs-remove@\n", with: removeSubvolume)),
            ], storageFiles: [HostFile(path: "\(request.storage)/.ebb/erase.conf", mode: 0o644, content: settings)],
            rebuild: [rebuildInitramfs], pendingMark: mark(request), imageEntry: "scripts/\(stage)/ebb-erase",
            wayOut: "add ebb.erase=no to the kernel command line")
    }

    private static func overlayroot(_ request: EraseRequest) throws(EraseRefusal) -> EraseKit {
        guard request.root.strategy == .overlay else {
            throw EraseRefusal(message: "overlayroot makes a root of strategy overlay")
        }
        let isArmed = request.stage == .armed
        return EraseKit(
            mechanism: .overlayroot,
            rootFiles: [
                HostFile(
                    path: "/etc/overlayroot.local.conf", mode: 0o644,
                    content: """
                        # Written by ebb. recurse=0 leaves every other file system as it is:
                        # persistent storage would be hidden under an overlay of its own otherwise.
                        # on_failure=\(request.onFailure.rawValue)
                        overlayroot="\(isArmed ? "tmpfs:recurse=0" : "disabled")"

                        """),
                HostFile(
                    path: "/etc/initramfs-tools/scripts/init-bottom/ebb-overlay", mode: 0o755,
                    content: text(PackageResources.overlay_guard)),
            ], storageFiles: [],
            // overlayroot reads its settings from the root; the script in the initramfs does not change.
            rebuild: isArmed ? [] : [rebuildInitramfs], pendingMark: mark(request),
            imageEntry: "scripts/init-bottom/ebb-overlay", wayOut: "add overlayroot=disabled to the kernel command line"
        )
    }

    private static func volatile(_ request: EraseRequest) throws(EraseRefusal) -> EraseKit {
        guard request.root.strategy == .overlay else {
            throw EraseRefusal(message: "systemd.volatile=overlay makes a root of strategy overlay")
        }
        let word = request.stage == .armed ? " systemd.volatile=overlay" : ""
        let units = "/etc/systemd/system"
        return EraseKit(
            mechanism: .systemdVolatile,
            rootFiles: [
                HostFile(
                    path: "/usr/local/lib/ebb/ebb-volatile", mode: 0o755,
                    content: text(PackageResources.volatile_guard).replacing("@settings@", with: commandLineFile)),
                HostFile(
                    path: "\(units)/ebb-volatile.service", mode: 0o644,
                    content: text(PackageResources.ebb_volatile_service)),
                HostFile(
                    path: "\(units)/local-fs.target.d/ebb-volatile.conf", mode: 0o644,
                    content: text(PackageResources.ebb_volatile_conf)),
                HostFile(
                    path: commandLineFile, mode: 0o644,
                    content: """
                        # Written by ebb: the root becomes an overlay on memory.
                        # on_failure=\(request.onFailure.rawValue)
                        GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX\(word)"

                        """),
            ], storageFiles: [], rebuild: [RemoteCommand("update-grub")], pendingMark: mark(request),
            imageEntry: "usr/lib/systemd/systemd-volatile-root",
            wayOut: "add systemd.volatile=no to the kernel command line")
    }

    /// The function that takes a subvolume away, for scripts that a boot runs.
    static var removeSubvolume: String { text(PackageResources.btrfs_remove_sh) }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

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
