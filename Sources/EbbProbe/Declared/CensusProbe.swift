package import EbbModel

/// Asks what declared paths hold, and later what became of it.
package enum CensusProbe {
    package static let name = "census"
    package static let checkName = "census-check"

    /// One question for all entries; `CensusReader` reads the answer.
    ///
    /// `onlyStorage`: which storage holds them, and nothing of what is in them.
    package static func probe(_ entries: [PersistenceEntry], onlyStorage: Bool = false, limit: Int = 300)
        -> ProbeScript.Probe
    {
        let words = entries.flatMap { entry in
            let isOff = onlyStorage || entry.census == .off
            return [
                entry.place, isOff ? "-" : String(entry.census.names), entry.neverChanges && !isOff ? "digest" : "-",
            ]
        }
        let script = HostScript(PackageResources.subvolumes_sh, PackageResources.census_sh, words: words)
        return ProbeScript.Probe(name: name, shell: script, limit: limit)
    }

    /// Asks for every name that a census has listed.
    package static func check(_ census: Census, of entries: [PersistenceEntry], limit: Int = 120) -> ProbeScript.Probe {
        var words: [[UInt8]] = []
        for entry in entries {
            let names = census.places[entry.path]?.names ?? [:]
            let read = names.filter { $0.value.digest != nil }.keys.sorted()
            let others = names.filter { $0.value.digest == nil }.keys.sorted()
            words += [entry.place, String(read.count), String(names.count)].map { Array($0.utf8) }
            words += (read + others).map(\.bytes)
        }
        return ProbeScript.Probe(
            name: checkName, shell: HostScript(PackageResources.census_check_sh, words: words), limit: limit)
    }
}

extension PersistenceEntry {
    /// Where programs find the content, once links are followed.
    fileprivate var place: String {
        switch mechanism {
        case .bind, .dataset: path
        case .symlink, .config: target ?? path
        }
    }
}

/// Reads the answers to `CensusProbe`.
package enum CensusReader {
    /// What each entry held; throws where the answer is not a census of these entries.
    package static func census(_ output: [UInt8], of entries: [PersistenceEntry], takenAt: Int64) throws(ProbeGap)
        -> Census
    {
        var census = Census(takenAt: takenAt)
        try read(output, entries) { (entry, records) throws(ProbeGap) in
            var place = Census.Place()
            var digests: [BytePath: String] = [:]
            for record in records {
                let words = record.split(separator: UInt8(ascii: " "), maxSplits: 1)
                guard let word = words.first else { throw odd("an empty record") }
                let rest = words.count > 1 ? words[1] : []
                switch String(decoding: word, as: UTF8.self) {
                case "absent": break
                case "top": (place.top, place.identity) = try top(rest)
                case "fs": place.fileSystem = try text(rest)
                case "uuid": place.uuid = try text(rest)
                case "mount": mount(try text(rest), entry, &place)
                case "guid": place.uuid = "zfs " + (try text(rest))
                case "sum": place.counts = try counts(rest)
                case "n":
                    let (name, node) = try listed(rest)
                    place.names[name] = node
                case "d":
                    let (name, digest) = try self.digest(rest)
                    digests[name] = digest
                default: throw odd("a record of no known kind")
                }
            }
            for (name, digest) in digests {
                if name.bytes.isEmpty { place.top?.digest = digest } else { place.names[name]?.digest = digest }
            }
            census.places[entry.path] = place
        }
        return census
    }

    /// How the names are that were asked for, by declared path; a path that was not looked at whole is not
    /// among them, a name that is not there is not in its path's.
    package static func check(_ output: [UInt8], of entries: [PersistenceEntry]) throws(ProbeGap) -> [String: [BytePath:
        Census.Node]]
    {
        var found: [String: [BytePath: Census.Node]] = [:]
        try read(output, entries) { (entry, records) throws(ProbeGap) in
            var names: [BytePath: Census.Node] = [:]
            for record in records {
                switch record.first {
                case UInt8(ascii: "n"):
                    let (name, node) = try looked(record.dropFirst(2))
                    names[name] = node
                case UInt8(ascii: "d"):
                    let (name, digest) = try self.digest(record.dropFirst(2))
                    names[name]?.digest = digest
                default: throw odd("a record of no known kind")
                }
            }
            found[entry.path] = names
        }
        return found
    }

    /// Calls `body` with the records of each entry that was looked at whole.
    ///
    /// An answer that names its paths may be of other entries, in another order: what is declared changes.
    private static func read(
        _ output: [UInt8], _ entries: [PersistenceEntry],
        _ body: (PersistenceEntry, [ArraySlice<UInt8>]) throws(ProbeGap) -> Void
    ) throws(ProbeGap) {
        var records: [ArraySlice<UInt8>] = []
        var next = 0
        var current: PersistenceEntry?
        var isNamed = false
        for record in output.split(separator: 0) {
            if record.starts(with: "= ".utf8) {
                guard record.dropFirst(2).elementsEqual(String(next).utf8) else { throw odd("paths out of order") }
                (current, records) = (next < entries.count ? entries[next] : nil, [])
                next += 1
            } else if record.starts(with: "at ".utf8), records.isEmpty {
                isNamed = true
                let place = record.dropFirst(3)
                if current.map({ place.elementsEqual($0.place.utf8) }) != true {
                    current = entries.first { place.elementsEqual($0.place.utf8) }
                }
            } else if record.elementsEqual(".".utf8) {
                if let entry = current { try body(entry, records) }
                current = nil
            } else {
                records.append(record)
            }
        }
        guard isNamed || next == entries.count else { throw odd("\(next) of \(entries.count) paths") }
    }

    /// Reads `UUID="…" FSTYPE="…" FSROOT="…" TARGET="…"`: which file system, and where in it the path lies.
    private static func mount(_ pairs: String, _ entry: PersistenceEntry, _ place: inout Census.Place) {
        var values: [Substring: Substring] = [:]
        for pair in pairs.split(separator: "\" ") {
            let sides = pair.split(separator: "=\"", maxSplits: 1, omittingEmptySubsequences: false)
            if sides.count == 2 { values[sides[0]] = sides[1].hasSuffix("\"") ? sides[1].dropLast() : sides[1] }
        }
        place.uuid = values["UUID"].map(String.init) ?? ""
        // A directory that was removed beneath its mount has no place, nor has one that findmnt had to quote.
        guard let root = values["FSROOT"], let target = values["TARGET"], !root.hasSuffix("//deleted"),
            !root.contains("\\x"), !target.contains("\\x"), root.hasPrefix("/")
        else { return }
        let path = entry.place
        let beyond = target == "/" ? path[...] : path.hasPrefix(target) ? path.dropFirst(target.utf8.count) : nil
        guard let beyond, beyond.isEmpty || beyond.hasPrefix("/") else { return }
        let whole = (root == "/" ? "" : root) + beyond
        place.position = whole.isEmpty ? "/" : String(whole)
    }

    /// Reads `MODE DEVICE:INODE UID GID SIZE BIRTH`.
    private static func top(_ field: ArraySlice<UInt8>) throws(ProbeGap) -> (Census.Node, String) {
        let words = try text(field).split(separator: " ")
        guard words.count == 6, let raw = UInt32(words[0], radix: 16), let kind = FileKind(statMode: raw),
            let uid = UInt32(words[2]), let gid = UInt32(words[3]), let size = Int64(words[4])
        else { throw odd("cannot read what stat says") }
        // Devices are numbered anew by a boot: only the inode and its birth name the directory.
        let inode = words[1].split(separator: ":").last ?? ""
        let node = Census.Node(kind: kind, size: size, uid: uid, gid: gid, mode: UInt16(raw & 0o7777))
        return (node, "\(inode) \(words[5])")
    }

    /// `STATUS FILES DIRECTORIES LINKS OTHERS BYTES NEWEST`; `nil` where it was not all counted.
    private static func counts(_ field: ArraySlice<UInt8>) throws(ProbeGap) -> Census.Counts? {
        let numbers = try text(field).split(separator: " ").map { Int64($0) }
        guard numbers.count == 7, let status = numbers[0], let files = numbers[1], let directories = numbers[2],
            let links = numbers[3], let others = numbers[4], let bytes = numbers[5]
        else { throw odd("cannot read the counts") }
        guard status == 0 else { return nil }
        return Census.Counts(files: files, directories: directories, links: links, others: others, bytes: bytes)
    }

    /// Reads `LETTER SIZE UID GID MODE CHANGED NAME`.
    private static func listed(_ field: ArraySlice<UInt8>) throws(ProbeGap) -> (BytePath, Census.Node) {
        let words = field.split(separator: UInt8(ascii: " "), maxSplits: 6, omittingEmptySubsequences: false)
        guard words.count == 7, let letter = words[0].first, let kind = FileKind(findLetter: letter),
            let size = Int64(try text(words[1])), let uid = UInt32(try text(words[2])),
            let gid = UInt32(try text(words[3])), let mode = UInt16(try text(words[4]), radix: 8)
        else { throw odd("cannot read what find says") }
        let changed = try text(words[5]).split(separator: ".").first.flatMap { Int64($0) }
        return (
            BytePath(bytes: words[6]),
            Census.Node(kind: kind, size: size, uid: uid, gid: gid, mode: mode, changedAt: changed ?? 0)
        )
    }

    /// Reads `MODE SIZE UID GID CHANGED ./NAME`.
    private static func looked(_ field: ArraySlice<UInt8>) throws(ProbeGap) -> (BytePath, Census.Node) {
        let words = field.split(separator: UInt8(ascii: " "), maxSplits: 5, omittingEmptySubsequences: false)
        guard words.count == 6, let raw = UInt32(try text(words[0]), radix: 16), let kind = FileKind(statMode: raw),
            let size = Int64(try text(words[1])), let uid = UInt32(try text(words[2])),
            let gid = UInt32(try text(words[3]))
        else { throw odd("cannot read what stat says") }
        let node = Census.Node(
            kind: kind, size: size, uid: uid, gid: gid, mode: UInt16(raw & 0o7777),
            changedAt: Int64(try text(words[4])) ?? 0)
        return (BytePath(bytes: words[5].dropFirst(2)), node)
    }

    /// `DIGEST`, two blanks, and `./NAME`, or nothing for the path itself.
    private static func digest(_ field: ArraySlice<UInt8>) throws(ProbeGap) -> (BytePath, String) {
        let digest = try text(field.prefix(64))
        guard digest.utf8.count == 64, digest.allSatisfy(\.isHexDigit) else { throw odd("cannot read a digest") }
        return (BytePath(bytes: field.dropFirst(68)), digest)
    }

    private static func text(_ field: ArraySlice<UInt8>) throws(ProbeGap) -> String {
        guard let text = String(validating: field, as: UTF8.self) else { throw odd("not text") }
        return text
    }

    private static func odd(_ message: String) -> ProbeGap {
        ProbeGap(probe: CensusProbe.name, reason: .unparseable, message: message)
    }
}
