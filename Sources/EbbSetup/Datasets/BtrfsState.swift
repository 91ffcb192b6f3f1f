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
        (self.subvolumes, self.unmountedDevice) = (subvolumes, unmountedDevice)
    }

    /// The probe's name.
    package static let probeName = "btrfs-subvolumes"

    /// Asks for all subvolumes of the file system whose top level is mounted at `top`.
    ///
    /// Where nothing is mounted there and the root is btrfs, the root's file system is meant: its
    /// top level is looked at through a mount that only the question sees.
    package static func probe(top: String, limit: Int = 60) -> ProbeScript.Probe {
        ProbeScript.Probe(
            name: probeName, shell: HostScript(PackageResources.btrfs_state_sh, values: ["top": top]), limit: limit)
    }

    /// Reads the probe's output; throws where a row is not understood.
    ///
    /// A row is `ID n gen n cgen n top level n parent_uuid u uuid u path p`. Whoever may write on the
    /// file system names what is in it, with newlines too: a row counts only where its number leads
    /// to a path, and two rows of one number say nothing.
    package init(parsing output: [UInt8]) throws(ProbeGap) {
        let fields = output.split(separator: 0, omittingEmptySubsequences: false)
        guard fields.count >= 3, fields.count.isMultiple(of: 3), fields.last?.isEmpty == true else {
            throw Self.odd("it is cut")
        }
        unmountedDevice = fields[0].isEmpty ? nil : String(decoding: fields[0], as: UTF8.self)
        var paths: [Int64: BytePath] = [:]
        var readOnly: Set<Int64> = []
        for index in stride(from: 2, to: fields.count - 1, by: 3) {
            guard let number = Int64(String(decoding: fields[index], as: UTF8.self)) else {
                throw Self.odd("a path without a number")
            }
            paths[number] = BytePath(bytes: fields[index + 1])
            if fields[index + 2].elementsEqual("ro=true".utf8) { readOnly.insert(number) }
        }
        var subvolumes: [Subvolume] = []
        var seen: Set<Int64> = []
        for row in fields[1].split(separator: 10) {
            guard let identifier = Self.number(row), let path = paths[identifier] else { continue }
            guard seen.insert(identifier).inserted, let createdAt = Self.word(row, after: "cgen"),
                let createdAt = Int64(createdAt), let uuid = Self.word(row, after: "uuid"),
                let parent = Self.word(row, after: "parent_uuid")
            else { throw Self.odd("a row without cgen or uuid, or two of one number") }
            subvolumes.append(
                Subvolume(
                    identifier: identifier, createdAt: createdAt, uuid: uuid, parentUUID: parent == "-" ? nil : parent,
                    path: path, isReadOnly: readOnly.contains(identifier)))
        }
        guard subvolumes.count == paths.count else { throw Self.odd("a path without its row") }
        self.subvolumes = subvolumes
    }

    private static func word(_ row: some Collection<UInt8>, after key: String) -> String? {
        // The path is last and may hold anything: only what stands before it is looked at.
        let words = Array(row).split(separator: UInt8(ascii: " ")).prefix(16).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard let index = words.firstIndex(of: key), index + 1 < words.count else { return nil }
        return words[index + 1]
    }

    private static func number(_ row: ArraySlice<UInt8>) -> Int64? {
        row.starts(with: "ID ".utf8) ? word(row, after: "ID").flatMap { Int64($0) } : nil
    }

    private static func odd(_ message: String) -> ProbeGap {
        ProbeGap(probe: probeName, reason: .unparseable, message: message)
    }
}
