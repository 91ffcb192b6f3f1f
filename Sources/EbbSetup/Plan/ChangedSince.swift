package import EbbModel
package import EbbProbe

/// What was written to a root since its last step, where there is no blank to compare with.
///
/// An overlay's blank is the root itself: before the first boot with the overlay there is nothing
/// beside it. So the step `blank` leaves a mark, and whatever has a younger change time than the
/// mark is what an overlay would have lost by now. A change time cannot be set back by a program.
package enum ChangedSince {
    /// The names of the two probes.
    package static let markName = "trial-mark"
    package static let probeName = "changed-since"

    private static func mark(_ storage: String) -> String { storage + "/.ebb/trial-mark" }

    /// Leaves the mark.
    package static func mark(storage: String) -> ProbeScript.Probe {
        let path = mark(storage)
        let commands = [
            RemoteCommand("rm", "-f", "--", path), RemoteCommand("sync"), RemoteCommand("touch", "--", path),
            RemoteCommand("sync", "--", path),
        ]
        return ProbeScript.Probe(
            name: markName, shell: HostScript(PackageResources.run_commands_sh, words: commands.map(\.shellLine)))
    }

    /// Lists everything on the root that changed since then; fails where the mark is gone.
    package static func probe(storage: String, limit: Int = 300) -> ProbeScript.Probe {
        let command = RemoteCommand(
            "find", "/", "-xdev", "-ignore_readdir_race", "-newercm", mark(storage), "-printf", "%y %p\\0")
        return ProbeScript.Probe(name: probeName, command: command, limit: limit)
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
