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
    package static func probe(_ settings: HostSettings, limit: Int = 300) -> ProbeScript.Probe {
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
            words += ["enable", HostFiles.unitPath(number), HostFiles.unitWant(number), ""]
        }
        return ProbeScript.Probe(
            name: probeName, shell: HostScript(PackageResources.persist_setup_sh, words: words), limit: limit)
    }

    /// Removes what puts the set in effect; the storage, and what is on it, stay.
    package static func undo(_ settings: HostSettings, limit: Int = 120) -> ProbeScript.Probe {
        let paths =
            settings.persist.indices.flatMap { [HostFiles.unitWant($0), HostFiles.unitPath($0)] } + [
                HostFiles.persistScriptPath
            ]
        let commands = [
            RemoteCommand("rm", arguments: ["-f", "--"] + paths), RemoteCommand("systemctl", "daemon-reload"),
        ]
        return ProbeScript.Probe(
            name: probeName, shell: HostScript(PackageResources.run_commands_sh, words: commands.map(\.shellLine)),
            limit: limit)
    }

    /// What must be in the blank for declared paths to come back.
    package static func files(_ settings: HostSettings) -> [HostFile] {
        [HostFile(path: HostFiles.persistScriptPath, mode: 0o755, content: HostFiles.persistScript)]
            + settings.persist.enumerated().map { number, storage in
                HostFile(
                    path: HostFiles.unitPath(number), mode: 0o644,
                    content: HostFiles.persistUnit(storage: storage.mount))
            }
    }

    private static func isPlain(_ path: String) -> Bool {
        path.hasPrefix("/") && path.count > 1 && !path.contains("//")
            && path.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
