package import EbbModel
package import EbbProbe

/// The subvolumes of one btrfs file system.
package struct BtrfsState: Hashable, Sendable {
    /// One subvolume.
    package struct Subvolume: Hashable, Sendable {
        package let identifier: Int64
        /// Generation at its creation.
        package let createdAt: Int64
        package let uuid: String
        /// UUID of the subvolume that it is a snapshot of.
        package let parentUUID: String?
        /// Path below the top level.
        package let path: BytePath
        package let isReadOnly: Bool
    }

    package let subvolumes: [Subvolume]

    package init(subvolumes: [Subvolume]) { self.subvolumes = subvolumes }

    /// The probe's name.
    package static let probeName = "btrfs-subvolumes"

    /// Asks for all subvolumes of the file system whose top level is mounted at `top`.
    package static func probe(top: String, limit: Int = 60) -> ProbeScript.Probe {
        let top = RemoteCommand.quoted(top)
        return ProbeScript.Probe(
            name: probeName,
            shell: """
                test -d \(top)/. || { echo "nothing is at \(top)" >&2; exit 1; }
                test "$(stat -c %i \(top)/.)" = 256 || { echo "\(top) is no subvolume" >&2; exit 1; }
                btrfs subvolume list -a -c -u -q \(top) || exit 1
                echo read-only
                btrfs subvolume list -a -r \(top)
                """,
            limit: limit)
    }

    /// Reads the probe's output; throws where a row is not understood.
    ///
    /// A row is `ID n gen n cgen n top level n parent_uuid u uuid u path p`; with `-a` a path
    /// outside the mounted part begins with `<FS_TREE>/`. A name with a newline cannot be read.
    package init(parsing output: [UInt8]) throws(ProbeGap) {
        var rows = output.split(separator: UInt8(ascii: "\n"))[...]
        var readOnly: Set<Int64> = []
        guard let divide = rows.firstIndex(where: { $0.elementsEqual("read-only".utf8) }) else {
            throw Self.odd("the second half is missing")
        }
        for row in rows[(divide + 1)...] {
            guard let identifier = Self.number(row, after: "ID") else { throw Self.odd("no ID") }
            readOnly.insert(identifier)
        }
        rows = rows[..<divide]
        var subvolumes: [Subvolume] = []
        for row in rows {
            guard let identifier = Self.number(row, after: "ID"),
                let createdAt = Self.number(row, after: "cgen"),
                let uuid = Self.word(row, after: "uuid"),
                let parent = Self.word(row, after: "parent_uuid"),
                let path = Self.path(row)
            else { throw Self.odd("a row without ID, cgen, uuid or path") }
            subvolumes.append(
                Subvolume(
                    identifier: identifier, createdAt: createdAt, uuid: uuid,
                    parentUUID: parent == "-" ? nil : parent, path: path,
                    isReadOnly: readOnly.contains(identifier)))
        }
        self.subvolumes = subvolumes
    }

    private static func word(_ row: some Collection<UInt8>, after key: String) -> String? {
        // The path is last and may hold anything: only what stands before it is looked at.
        let words = Array(row).split(separator: UInt8(ascii: " ")).prefix(16)
            .map { String(decoding: $0, as: UTF8.self) }
        guard let index = words.firstIndex(of: key), index + 1 < words.count else { return nil }
        return words[index + 1]
    }

    private static func number(_ row: some Collection<UInt8>, after key: String) -> Int64? {
        word(row, after: key).flatMap { Int64($0) }
    }

    private static func path(_ row: some Collection<UInt8>) -> BytePath? {
        let row = Array(row)
        let mark = Array(" path ".utf8)
        guard
            let start = row.indices.first(where: { row[$0...].starts(with: mark) })
        else { return nil }
        var name = row[(start + mark.count)...]
        let outside = Array("<FS_TREE>/".utf8)
        if name.starts(with: outside) { name = name.dropFirst(outside.count) }
        return BytePath(bytes: name)
    }

    private static func odd(_ message: String) -> ProbeGap {
        ProbeGap(probe: probeName, reason: .unparseable, message: message)
    }
}
