import FoundationEssentials
import Glibc

/// The processes that come from one process, as the kernel tells.
package enum ProcessTree {
    /// The descendants of a process, parents before children; processes that ended are left out.
    package static func descendants(of root: Int32) -> [Int32] {
        var parents: [Int32: [Int32]] = [:]
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        for id in names.compactMap(Int32.init) {
            if let parent = parent(of: id) { parents[parent, default: []].append(id) }
        }
        var found: [Int32] = []
        var next = parents[root] ?? []
        while let id = next.popLast() {
            found.append(id)
            next += parents[id] ?? []
        }
        return found
    }

    /// Sends a signal to a process and all its descendants.
    package static func signal(_ number: Int32, to root: Int32, includingRoot: Bool = true) {
        for id in (includingRoot ? [root] : []) + descendants(of: root) { kill(id, number) }
    }

    /// How many sockets of this process are connected to an IPv4 address, or trying to be.
    package static func connections(to address: String) -> Int {
        var number = in_addr()
        guard inet_pton(AF_INET, address, &number) == 1 else { return -1 }
        let wanted = String(number.s_addr, radix: 16, uppercase: true)
        let remote = String(repeating: "0", count: 8 - wanted.count) + wanted + ":"
        let table = contents(of: "/proc/self/net/tcp")
        var inodes: Set<Substring> = []
        for line in String(decoding: table, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields.count > 9, fields[2].hasPrefix(remote) { inodes.insert(fields[9]) }
        }
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))
        return (descriptors ?? []).count { descriptor in
            let path = "/proc/self/fd/" + descriptor
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path)
            guard let target, target.hasPrefix("socket:[") else { return false }
            return inodes.contains(target.dropFirst(8).dropLast())
        }
    }

    /// A file of the kernel's, to its end: it has no size that could be known beforehand.
    private static func contents(of path: String) -> [UInt8] {
        guard let file = fopen(path, "re") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = fread(&block, 1, block.count, file)
            guard count > 0 else { return bytes }
            bytes += block[..<count]
        }
    }

    private static func parent(of id: Int32) -> Int32? {
        // Foundation loses its buffer where the process ends while it reads.
        let text = String(decoding: contents(of: "/proc/\(id)/stat"), as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 1, fields[0] != "Z" else { return nil }
        return Int32(fields[1])
    }
}
