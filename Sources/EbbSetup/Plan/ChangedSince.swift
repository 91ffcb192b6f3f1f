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
        let path = RemoteCommand.quoted(mark(storage))
        return ProbeScript.Probe(
            name: markName, shell: "rm -f -- \(path) && sync && : >\(path) && sync \(path)")
    }

    /// Lists everything on the root that changed since then.
    package static func probe(storage: String, limit: Int = 300) -> ProbeScript.Probe {
        let path = RemoteCommand.quoted(mark(storage))
        return ProbeScript.Probe(
            name: probeName,
            shell: """
                [ -e \(path) ] || { echo "the mark of the step blank is gone" >&2; exit 1; }
                find / -xdev -ignore_readdir_race -newercm \(path) -printf '%y %p\\0'
                """,
            limit: limit)
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
