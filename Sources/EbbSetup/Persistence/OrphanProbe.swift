package import EbbModel
package import EbbProbe

/// Asks what lies on persistent storage without being declared.
package enum OrphanProbe {
    /// The probe's name.
    package static let name = "orphans"

    /// One question for all storages of a host; the answer is read by `OrphanReader`.
    ///
    /// Only directories above declared targets are listed: an entry in them that is neither a
    /// target nor above one is an orphan as a whole. `sizes` costs a walk over each orphan.
    package static func probe(
        _ settings: HostSettings, sizes: Bool = true, limit: Int = 300
    ) -> ProbeScript.Probe {
        let storages = settings.persist.map { BytePath($0.mount) }
        let targets = Self.targets(of: settings)
        var listed: [(directory: BytePath, storage: BytePath)] = []
        for storage in storages {
            let above = Set(
                targets.filter { $0.isInside(storage) }.flatMap { ancestors($0, storage) }
            )
            .union([storage])
            listed += above.sorted().map { ($0, storage) }
        }
        let spared = Set(targets + listed.map(\.directory) + storages.flatMap(ownPlaces))
        var shell = Array("found=0\n".utf8)
        for (directory, _) in listed {
            let name = RemoteCommand.quoted(directory.bytes)
            shell += Array("if [ -d ".utf8) + name + Array(" ]; then find ".utf8) + name
            shell += Array(" -mindepth 1 -maxdepth 1".utf8)
            for path in spared.sorted() where path.parent == directory {
                shell += Array(" ! -path ".utf8) + RemoteCommand.quoted(globLiteral(path))
            }
            shell += Array(" -printf '%p\\0%y\\0%U\\0%m\\0%T@\\0'".utf8)
            shell += Array(
                (sizes ? " -exec sh -c 'du -sxB1 -- \"$1\" | head -n 1 | cut -f 1' sh {} \\;" : "")
                    .utf8)
            shell += Array(" -printf '\\0'; fi\n".utf8)
        }
        return ProbeScript.Probe(name: name, shell: shell, limit: limit)
    }

    private static func targets(of settings: HostSettings) -> [BytePath] {
        settings.persistence.compactMap { settings.target(of: $0).map { BytePath($0) } }
            + settings.persist.map { BytePath($0.mount) }
    }

    private static func ancestors(_ path: BytePath, _ storage: BytePath) -> [BytePath] {
        var above: [BytePath] = []
        var directory = path
        while directory != storage, directory.isInside(storage) {
            directory = directory.parent
            above.append(directory)
        }
        return above
    }

    /// What belongs to Ebb or to the file system itself.
    private static func ownPlaces(_ storage: BytePath) -> [BytePath] {
        [".ebb", "lost+found", ".zfs"].map { storage.appending($0.utf8) }
    }

    private static func globLiteral(_ path: BytePath) -> [UInt8] {
        path.bytes.flatMap { byte in
            Array("\\*?[".utf8).contains(byte) ? [UInt8(ascii: "\\"), byte] : [byte]
        }
    }
}
