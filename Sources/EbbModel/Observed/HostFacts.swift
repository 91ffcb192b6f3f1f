package import FoundationEssentials

/// What a host says of itself, as far as it could be read.
///
/// Stored facts are decoded again, so a new one must be optional: older observations lack it.
package struct HostFacts: Hashable, Sendable, Codable {
    package var bootID: BootID?
    /// `/etc/machine-id`, thirty-two hexadecimal digits.
    package var machineID: String?
    /// The board's or the system's serial number; `nil`: it has none, or a placeholder.
    package var serial: String?
    /// Kernel release.
    package var kernel: String?
    /// `PRETTY_NAME` of os-release.
    package var system: String?
    /// The host's clock when it was asked.
    package var clock: Date?
    /// Seconds since the kernel started.
    package var uptime: Double?
    package var mounts: [Mount] = []
    /// State of systemd, such as `running`, `degraded` or `starting`.
    package var systemState: String?
    /// Names of failed units; `nil` when it is not known, which is not the same as none.
    package var failedUnits: [String]?
    /// What corroborates that a root is fresh, by strategy.
    ///
    /// A subvolume's UUID, a file system's UUID, a line of pool history: compared before and after a boot, never interpreted alone.
    package var rootIdentity: String?
    /// The same for each mount beside `/` that a boot erases, by mount point; what could not be read is left out.
    package var erasedPlaces: [String: String]?
    /// What makes the blank behind the running root that very blank.
    ///
    /// A snapshot's guid (zfs) or a subvolume's UUID (btrfs); `nil` where there is none to read.
    package var blank: String?
    /// Whether a blank that can be looked into is as it was taken; `nil`: nobody could look.
    package var blankState: BlankState?
    /// The newest snapshot of each dataset that is backed up; `nil`: not asked, or no answer.
    package var safeSnapshots: [SafeDataset]?
    /// What the boot would do if the root could not be erased; `nil`: not known.
    package var eraseGuard: EraseGuard?
    /// How full the declared persistent storage is, where it could be asked.
    package var storage: [StorageUse] = []
    /// What a reboot would interrupt, one sentence each; `nil`: not known.
    package var busy: [String]?
}

extension HostFacts { package init(bootID: BootID? = nil) { self.init(bootID: bootID, machineID: nil) } }

/// A blank subvolume beside what it was.
///
/// A snapshot of it counts in its generation, and so does a balance; what is in it and younger than the
/// blank itself was changed in place.
package struct BlankState: Hashable, Sendable, Codable {
    /// The generation that it has now.
    package let generation: Int64
    /// When something in it was changed last, and what: a time, and a path.
    ///
    /// What is in a blank never changes.
    package var newest: String?
    /// Something in it that was changed after it was taken; `nil`: nothing was.
    package let changed: String?

    package init(generation: Int64, newest: String? = nil, changed: String? = nil) {
        (self.generation, self.newest, self.changed) = (generation, newest, changed)
    }
}

/// One line of `/proc/self/mountinfo`, decoded.
package struct Mount: Hashable, Sendable, Codable {
    /// `major:minor` of the mounted file system.
    package let device: String
    /// The directory within the file system that is mounted; ends in `//deleted` for a stale bind.
    package let root: BytePath
    package let mountPoint: BytePath
    /// Per-mount options, comma separated.
    package let options: String
    package let fileSystem: String
    /// The device, dataset or label it was mounted from.
    package let source: String
    /// Options of the file system itself, comma separated.
    package let superOptions: String

    package init(
        device: String, root: BytePath, mountPoint: BytePath, options: String, fileSystem: String, source: String,
        superOptions: String
    ) {
        (self.device, self.root, self.mountPoint, self.options) = (device, root, mountPoint, options)
        (self.fileSystem, self.source, self.superOptions) = (fileSystem, source, superOptions)
    }
}
