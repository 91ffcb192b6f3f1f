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
    package static func probe(_ settings: HostSettings, sizes: Bool = true, limit: Int = 300) -> ProbeScript.Probe {
        let storages = settings.persist.map { BytePath($0.mount) }
        let targets = Self.targets(of: settings)
        var listed: [BytePath] = []
        for storage in storages {
            let above = Set(targets.filter { $0.isInside(storage) }.flatMap { ancestors($0, storage) }).union([storage])
            listed += above.sorted()
        }
        let spared = Set(targets + listed + storages.flatMap(ownPlaces))
        var words = listed.map(\.bytes) + ["-mindepth", "1", "-maxdepth", "1"].map { Array($0.utf8) }
        for path in spared.sorted() { words += [Array("!".utf8), Array("-path".utf8), globLiteral(path)] }
        let script = HostScript(
            PackageResources.orphans_sh, values: ["count": "\(listed.count)", "sizes": sizes ? "yes" : "no"],
            words: words)
        return ProbeScript.Probe(name: name, shell: script, limit: limit)
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
        path.bytes.flatMap { byte in Array("\\*?[".utf8).contains(byte) ? [UInt8(ascii: "\\"), byte] : [byte] }
    }
}
