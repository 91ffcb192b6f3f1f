package import EbbModel
package import EbbProbe

/// Whether a blank holds all that a host needs to come back from it and to be erased again.
package enum BlankCheck {
    /// The name of the probe.
    package static let probeName = "blank-check"

    /// Compares files in the blank with what they must be; `nil` where a blank cannot be looked into.
    ///
    /// The probe prints the path of each file that the blank lacks or has otherwise.
    package static func probe(_ root: RootSettings, files: [HostFile]) -> ProbeScript.Probe? {
        guard root.strategy != .overlay, let directory = root.blankDirectory else { return nil }
        let script = HostScript(
            PackageResources.blank_check_sh, values: ["blank": String(decoding: directory.bytes, as: UTF8.self)],
            words: files.flatMap { [$0.words[0], $0.words[2]] })
        return ProbeScript.Probe(name: probeName, shell: script)
    }
}

extension RootSettings {
    /// Where the blank can be read as a directory on the running host; `nil` where the strategy has none or
    /// the inventory does not say.
    package var blankDirectory: BytePath? {
        switch strategy {
        case .zfs: blank.map { BytePath("/.zfs/snapshot/\($0)") }
        case .btrfs: if let top, let blank { BytePath(top).appending(blank.utf8) } else { nil }
        case .overlay: lower.map { BytePath($0) }
        case .mkfs, .tmpfs: blank.map { BytePath($0) }
        case .none: nil
        }
    }
}

/// What was written to a root since its last step, where there is no blank to compare with.
///
/// An overlay's blank is the root itself: before the first boot with the overlay there is nothing
/// beside it. So the step `blank` leaves a mark, and whatever has a younger change time than the
/// mark is what an overlay would have lost by now. A change time cannot be set back by a program.
package enum ChangedSince {
    private static func mark(_ storage: String) -> String { storage + "/.ebb/trial-mark" }

    /// Leaves the mark.
    package static func mark(storage: String) -> ProbeScript.Probe {
        let path = mark(storage)
        let commands = [
            RemoteCommand("rm", "-f", "--", path), RemoteCommand("sync"), RemoteCommand("touch", "--", path),
            RemoteCommand("sync", "--", path),
        ]
        return ProbeScript.Probe(
            name: "trial-mark", shell: HostScript(PackageResources.run_commands_sh, words: commands.map(\.shellLine)))
    }

    /// Lists everything on the root that changed since then; fails where the mark is gone.
    package static func probe(storage: String) -> ProbeScript.Probe {
        let command = RemoteCommand(
            "find", "/", "-xdev", "-ignore_readdir_race", "-newercm", mark(storage), "-printf", "%y %p\\0")
        return ProbeScript.Probe(name: "changed-since", command: command, limit: 300)
    }

    /// Reads the listing: kind and path.
    package static func paths(_ output: [UInt8]) -> [BytePath: FileKind] {
        var found: [BytePath: FileKind] = [:]
        for row in output.split(separator: 0) where row.count > 2 {
            guard let kind = FileKind(findLetter: row[row.startIndex]) else { continue }
            found[BytePath(bytes: row.dropFirst(2))] = kind
        }
        return found
    }
}
