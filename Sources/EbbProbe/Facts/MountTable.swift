package import EbbModel

/// The mounts of a host, in the order in which they were made.
package struct MountTable: Sendable, Hashable {
    package let mounts: [Mount]

    package init(_ mounts: [Mount]) { self.mounts = mounts }

    /// Reads `/proc/self/mountinfo`; `nil` when a line is not in its form.
    package init?(mountinfo bytes: [UInt8]) {
        var mounts: [Mount] = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let mount = Self.mount(line) else { return nil }
            mounts.append(mount)
        }
        self.mounts = mounts
    }

    /// What is mounted at `/` now: of several, the last one covers the others.
    package var root: Mount? { mounts.last { $0.mountPoint == BytePath("/") } }

    /// The mount that holds an absolute path whose directories are already resolved.
    package func holder(of path: BytePath) -> Mount? {
        var best: Mount?
        for mount in mounts where path.isInside(mount.mountPoint) {
            let length = best?.mountPoint.bytes.count ?? 0
            if mount.mountPoint.bytes.count >= length { best = mount }
        }
        return best
    }

    /// `id parent major:minor root point options tag… - type source super-options`.
    private static func mount(_ line: ArraySlice<UInt8>) -> Mount? {
        let fields = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard fields.count >= 10, let dash = fields[6...].firstIndex(where: { $0.elementsEqual([UInt8(ascii: "-")]) }),
            fields.count >= dash + 4
        else { return nil }
        let text = { (field: ArraySlice<UInt8>) in String(decoding: unescaped(field), as: UTF8.self) }
        return Mount(
            device: text(fields[2]), root: BytePath(bytes: unescaped(fields[3])),
            mountPoint: BytePath(bytes: unescaped(fields[4])), options: text(fields[5]),
            fileSystem: text(fields[dash + 1]), source: text(fields[dash + 2]), superOptions: text(fields[dash + 3]))
    }

    /// The kernel writes space, tab, newline and backslash as three octal digits.
    static func unescaped(_ field: ArraySlice<UInt8>) -> [UInt8] {
        guard field.contains(UInt8(ascii: "\\")) else { return Array(field) }
        var output: [UInt8] = []
        var index = field.startIndex
        while index < field.endIndex {
            let digits = field[index...].dropFirst().prefix(3)
            if field[index] == UInt8(ascii: "\\"), digits.count == 3,
                digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) })
            {
                let value = digits.reduce(0) { $0 * 8 + Int($1 - UInt8(ascii: "0")) }
                output.append(UInt8(truncatingIfNeeded: value))
                index += 4
            } else {
                output.append(field[index])
                index += 1
            }
        }
        return output
    }
}
