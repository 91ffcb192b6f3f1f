import EbbModel

/// Reads the answer to `DeclaredProbe`.
enum DeclaredReader {
    /// The state of each entry, by its path; throws where the answer is not one of each.
    static func states(_ output: [UInt8], of entries: [PersistenceEntry], mounts: MountTable) throws(ProbeGap)
        -> [String: DeclaredState]
    {
        let fields = output.split(separator: 0, omittingEmptySubsequences: false)
        // The last NUL leaves an empty field behind it.
        guard fields.count == entries.count * 7 + 1 else { throw odd("not seven fields an entry") }
        var states: [String: DeclaredState] = [:]
        for (index, entry) in entries.enumerated() {
            let fields = Array(fields[(index * 7)..<(index * 7 + 7)])
            guard String(decoding: fields[0], as: UTF8.self) == String(index) else { throw odd("entries out of order") }
            var state = DeclaredState()
            state.path = try node(fields[1], of: entry)
            state.pathMount = mounts.holder(of: place(fields[2], or: entry.path))?.mountPoint
            state.linkTarget = fields[3].isEmpty ? nil : BytePath(bytes: fields[3])
            state.target = try node(fields[4], of: entry)
            if let target = entry.target {
                // A link that leads nowhere has no place.
                let end = fields[5].elementsEqual("?".utf8) ? nil : place(fields[5], or: target)
                state.targetPlace = end
                state.targetMount = end.flatMap { mounts.holder(of: $0)?.mountPoint }
            }
            state.digest = fields[6].isEmpty ? nil : String(decoding: fields[6], as: UTF8.self)
            states[entry.path] = state
        }
        return states
    }

    private static func place(_ field: ArraySlice<UInt8>, or path: String) -> BytePath {
        field.isEmpty ? BytePath(path) : BytePath(bytes: field)
    }

    private static func node(_ field: ArraySlice<UInt8>, of entry: PersistenceEntry) throws(ProbeGap) -> DeclaredState
        .Node?
    {
        if field.isEmpty { return nil }
        // Names of owners and groups may hold blanks: each is a line of its own.
        let lines = String(decoding: field, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let words = lines[0].split(separator: " ")
        let marks = Set(words.dropFirst(6))
        guard lines.count == 3, words.count >= 6, marks.isSubset(of: ["locked", "closed"]),
            let raw = UInt32(words[0], radix: 16), let kind = FileKind(statMode: raw), let uid = UInt32(words[2]),
            let gid = UInt32(words[3]), let size = Int64(words[5])
        else { throw odd("cannot read what stat says of \(entry.path)") }
        var node = DeclaredState.Node(
            kind: kind, identity: String(words[1]), owner: String(lines[1]), uid: uid, group: String(lines[2]),
            gid: gid, mode: UInt16(raw & 0o7777), size: size)
        if marks.contains("locked") { node.isLocked = true }
        if marks.contains("closed") { node.isClosed = true }
        return node
    }

    private static func odd(_ message: String) -> ProbeGap {
        ProbeGap(probe: DeclaredProbe.name, reason: .unparseable, message: message)
    }
}

extension FileKind {
    /// The kind in the upper bits of `st_mode`.
    init?(statMode: UInt32) {
        let kinds: [UInt32: FileKind] = [
            0o10: .file, 0o04: .directory, 0o12: .symlink, 0o01: .fifo, 0o14: .socket, 0o06: .block, 0o02: .character,
        ]
        guard let kind = kinds[statMode >> 12 & 0o17] else { return nil }
        self = kind
    }
}

/// Asks how each declared path and its target look.
enum DeclaredProbe {
    static let name = "declared"

    /// One question for all entries; the answer is read by `DeclaredReader`.
    static func probe(_ entries: [PersistenceEntry], limit: Int) -> ProbeScript.Probe {
        let words = entries.flatMap { entry in
            [entry.path, entry.target ?? "", entry.stateClass == .identity ? "digest" : "-"]
        }
        return ProbeScript.Probe(
            name: name, shell: HostScript(PackageResources.declared_sh, words: words), limit: limit)
    }
}
