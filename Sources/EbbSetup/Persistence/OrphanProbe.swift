package import EbbModel
package import EbbProbe
package import FoundationEssentials

/// Asks what lies on persistent storage without being declared.
package enum OrphanProbe {
    /// The probe's name.
    package static let name = "orphans"

    /// One question for all storages of a host; the answer is read by `orphans`.
    ///
    /// Only directories above declared targets are listed: an entry in them that is neither a
    /// target nor above one is an orphan as a whole. `sizes` costs a walk over each orphan.
    package static func probe(_ settings: HostSettings, sizes: Bool = true) -> ProbeScript.Probe {
        let storages = settings.persist.map { BytePath($0.mount) }
        let targets = Self.targets(of: settings)
        var listed: [BytePath] = []
        for storage in storages {
            let above = Set(targets.filter { $0.isInside(storage) }.flatMap { ancestors($0, storage) }).union([storage])
            listed += above.sorted()
        }
        let spared = Set(targets + listed + storages.flatMap(ownPlaces))
        var words = listed.map(\.bytes) + ["-mindepth", "1", "-maxdepth", "1"].map { Array($0.utf8) }
        for path in spared.sorted() { words += [Array("!".utf8), Array("-path".utf8), path.globLiteral] }
        let script = HostScript(
            PackageResources.orphans_sh, values: ["count": "\(listed.count)", "sizes": sizes ? "yes" : "no"],
            words: words)
        return ProbeScript.Probe(name: name, shell: script, limit: 300)
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

    /// The orphans by path; throws where the answer is not whole.
    package static func orphans(_ output: [UInt8]) throws(ProbeGap) -> [Orphan] {
        var fields = output.split(separator: 0, omittingEmptySubsequences: false)
        guard fields.popLast()?.isEmpty == true, fields.count.isMultiple(of: 6) else {
            throw odd("not six fields an entry")
        }
        var orphans: [Orphan] = []
        for start in stride(from: 0, to: fields.count, by: 6) {
            let row = fields[start..<(start + 6)].map { Array($0) }
            let words = row.map { String(decoding: $0, as: UTF8.self) }
            let size = words[5].split(separator: "\n").first.map(String.init)
            guard let kind = row[1].first.flatMap(FileKind.init(findLetter:)), let uid = UInt32(words[2]),
                let mode = UInt16(words[3], radix: 8), let modified = Double(words[4]),
                size == nil || size.flatMap({ Int64($0) }) != nil
            else { throw odd("cannot read what find says of \(BytePath(bytes: row[0]))") }
            let path = BytePath(bytes: row[0])
            orphans.append(
                Orphan(
                    path: path, kind: kind, uid: uid, mode: mode, modified: Date(timeIntervalSince1970: modified),
                    size: size.flatMap { Int64($0) }, origin: origin(of: path)))
        }
        return orphans.sorted { $0.path < $1.path }
    }

    private static func origin(of path: BytePath) -> Orphan.Origin {
        let name = String(decoding: path.bytes, as: UTF8.self)
        if name.hasSuffix(".ebb-old") || name.contains(".ebb-old-") { return .rolledBack }
        if name.hasSuffix(".ebb-new") || name.contains(".ebb-partial-") { return .unfinished }
        return .unknown
    }

    private static func odd(_ message: String) -> ProbeGap {
        ProbeGap(probe: name, reason: .unparseable, message: message)
    }
}

extension BytePath {
    /// The path as a pattern that matches itself only.
    var globLiteral: [UInt8] {
        bytes.flatMap { byte in "\\*?[".utf8.contains(byte) ? [UInt8(ascii: "\\"), byte] : [byte] }
    }
}

/// Something on persistent storage that nobody declares.
package struct Orphan: Hashable, Sendable {
    /// Where it comes from, as far as its name tells.
    package enum Origin: String, Sendable, Codable, CaseIterable {
        /// Nothing is known about it.
        case unknown
        /// A move that was rolled back left the copy.
        case rolledBack = "rolled-back"
        /// A move that was cut short left an unfinished copy.
        case unfinished
    }

    /// The shallowest path that is an orphan as a whole.
    package let path: BytePath
    package let kind: FileKind
    /// Owner's number.
    package let uid: UInt32
    /// Permission bits.
    package let mode: UInt16
    /// Time of its own last change, not of what is in it.
    package let modified: Date
    /// Bytes that it takes on the storage; `nil` where that was not asked.
    package let size: Int64?
    package let origin: Origin
}
