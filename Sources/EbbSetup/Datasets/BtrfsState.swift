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
    /// The device to mount where the declared top level is not mounted yet; `nil`: it is.
    package let unmountedDevice: String?

    package init(subvolumes: [Subvolume], unmountedDevice: String? = nil) {
        self.subvolumes = subvolumes
        self.unmountedDevice = unmountedDevice
    }

    /// The probe's name.
    package static let probeName = "btrfs-subvolumes"

    /// Asks for all subvolumes of the file system whose top level is mounted at `top`.
    ///
    /// Where nothing is mounted there and the root is btrfs, the root's file system is meant: its
    /// top level is looked at through a mount that only the question sees.
    package static func probe(top: String, limit: Int = 60) -> ProbeScript.Probe {
        let top = RemoteCommand.quoted(top)
        return ProbeScript.Probe(
            name: probeName,
            shell: """
                show() {
                    test "$(stat -c %i "$1/.")" = 256 \\
                        || { echo "$1 is no subvolume" >&2; exit 1; }
                    btrfs subvolume list -a -c -u -q "$1" || exit 1
                    echo read-only
                    btrfs subvolume list -a -r "$1"
                }
                if mountpoint -q \(top); then
                    show \(top)
                    exit
                fi
                device=$(findmnt -no SOURCE -t btrfs / | sed 's/\\[.*//')
                [ -n "$device" ] || { echo "no btrfs is mounted at "\(top)", nor at /" >&2; exit 1; }
                printf 'device %s\\n' "$device"
                mkdir -p /run/ebb-top || exit 1
                unshare -m sh -c 'mount -n --make-rprivate / \\
                    && mount -n -t btrfs -o subvolid=5 "$1" /run/ebb-top || exit 1
                    btrfs subvolume list -a -c -u -q /run/ebb-top || exit 1
                    echo read-only
                    btrfs subvolume list -a -r /run/ebb-top' sh "$device"
                """,
            limit: limit)
    }

    /// Reads the probe's output; throws where a row is not understood.
    ///
    /// A row is `ID n gen n cgen n top level n parent_uuid u uuid u path p`; with `-a` a path
    /// outside the mounted part begins with `<FS_TREE>/`. A name with a newline cannot be read.
    package init(parsing output: [UInt8]) throws(ProbeGap) {
        var rows = output.split(separator: UInt8(ascii: "\n"))[...]
        let mark = Array("device ".utf8)
        if let first = rows.first, first.starts(with: mark) {
            unmountedDevice = String(decoding: first.dropFirst(mark.count), as: UTF8.self)
            rows = rows.dropFirst()
        } else {
            unmountedDevice = nil
        }
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
