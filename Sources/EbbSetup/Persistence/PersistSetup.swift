package import EbbModel
package import EbbProbe

/// Mounts a host's persistent storage now and at every boot, and installs what puts its persistence
/// set in effect; or takes the latter away again.
package enum PersistSetup {
    /// The name of both probes.
    package static let probeName = "persist-setup"

    /// Why the declaration cannot be carried out, in words that name the cure; `nil` when it can.
    package static func obstacle(_ settings: HostSettings) -> String? {
        if settings.persist.isEmpty { return "no persistent storage is declared: ebb: {persist: [{mount: /persist}]}" }
        for storage in settings.persist where !isPlain(storage.mount) {
            return "\(storage.mount) is no plain absolute path: letters, digits and /._- only"
        }
        return nil
    }

    /// Sets a host up; doing it again changes nothing.
    ///
    /// It prints `yes` or `no`: whether it changed something.
    ///
    /// A storage that is no declared dataset must be in `/etc/fstab` already: Ebb makes no file
    /// system, and does not choose a device.
    package static func probe(_ settings: HostSettings) -> ProbeScript.Probe {
        var words: [String] = []
        if settings.root?.strategy == .btrfs, let top = settings.root?.top {
            words += ["btrfs_place", "5", top, "subvolid=5"]
        }
        for storage in settings.persist {
            switch (settings.root?.strategy, storage.dataset) {
            case (.zfs, let dataset?): words += ["zfs_place", dataset, storage.mount, ""]
            case (.btrfs, let dataset?): words += ["btrfs_place", dataset, storage.mount, "subvol=\(dataset)"]
            default: words += ["place", storage.mount, "", ""]
            }
        }
        for file in files(settings) { words += ["put"] + file.words }
        for number in settings.persist.indices {
            let paths = unitPaths(number)
            words += ["enable", paths.unit, paths.want, ""]
        }
        return ProbeScript.Probe(
            name: probeName, shell: HostScript(PackageResources.persist_setup_sh, words: words), limit: 300)
    }

    /// Removes what puts the set in effect; the storage, and what is on it, stay.
    package static func undo(_ settings: HostSettings) -> ProbeScript.Probe {
        let paths = settings.persist.indices.flatMap { [unitPaths($0).want, unitPaths($0).unit] } + [scriptPath]
        let commands = [
            RemoteCommand("rm", arguments: ["-f", "--"] + paths), RemoteCommand("systemctl", "daemon-reload"),
        ]
        return ProbeScript.Probe(
            name: probeName, shell: HostScript(PackageResources.run_commands_sh, words: commands.map(\.shellLine)),
            limit: 120)
    }

    /// What must be in the blank for declared paths to come back.
    package static func files(_ settings: HostSettings) -> [HostFile] {
        [HostFile(path: scriptPath, mode: 0o755, content: script)]
            + settings.persist.enumerated().map { number, storage in
                HostFile(path: unitPaths(number).unit, mode: 0o644, content: unit(storage: storage.mount))
            }
    }

    /// Where the boot-time script is installed.
    private static let scriptPath = "/usr/local/lib/ebb/ebb-persist"
    /// The boot-time script.
    package static var script: String { String(decoding: PackageResources.ebb_persist, as: UTF8.self) }

    /// The unit that runs the script, for persistent storage mounted at `storage`.
    package static func unit(storage: String) -> String {
        String(decoding: PackageResources.ebb_persist_service, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false
        ).map { line in
            // The script's own path is no storage.
            line.replacing("under /persist ", with: "under \(storage) ").replacing("=/persist", with: "=\(storage)")
                .replacing("ebb-persist /persist", with: "ebb-persist \(storage)")
        }.joined(separator: "\n")
    }

    /// The unit of the storage with this number, and the link that enables it; the first has the name that
    /// everything knows.
    private static func unitPaths(_ number: Int) -> (unit: String, want: String) {
        let name = number == 0 ? "ebb-persist.service" : "ebb-persist-\(number + 1).service"
        return ("/etc/systemd/system/\(name)", "/etc/systemd/system/local-fs.target.wants/\(name)")
    }

    private static func isPlain(_ path: String) -> Bool {
        path.hasPrefix("/") && path.count > 1 && !path.contains("//")
            && path.utf8.allSatisfy {
                Unicode.Scalar($0).properties.isAlphabetic && $0 < 0x80 || "0123456789/._-".utf8.contains($0)
            }
    }
}
