import EbbModel
import Glibc

/// Records a tree by itself, sharing no code with Ebb, as the oracle for its predictions.
struct TreeWalker {
    /// What matters of one entry.
    struct Node: Equatable {
        var kind: FileKind
        var mode: UInt32
        var uid: UInt32
        var gid: UInt32
        /// Files only: size, times and content.
        var content: [UInt8] = []
        var modified: [Int] = []
        var target: [UInt8] = []
        /// Files and directories only.
        var attributes: [[UInt8]: [UInt8]] = [:]
    }

    /// Every entry below `root` and the root itself, by path from it (`/…`), other file systems
    /// not entered.
    static func walk(_ root: String) -> [BytePath: Node] {
        var nodes: [BytePath: Node] = [:]
        var waiting: [[UInt8]] = [[]]
        let base = Array(root.utf8)
        while let path = waiting.popLast() {
            let full = base + path
            guard let node = node(full) else { continue }
            nodes[path.isEmpty ? BytePath("/") : BytePath(bytes: path)] = node
            guard node.kind == .directory else { continue }
            for name in names(full) { waiting.append(path + [UInt8(ascii: "/")] + name) }
        }
        return nodes
    }

    static func text(_ bytes: [UInt8]) -> [CChar] { bytes.map { CChar(bitPattern: $0) } + [0] }

    private static func names(_ directory: [UInt8]) -> [[UInt8]] {
        guard let stream = opendir(text(directory)) else { return [] }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
        }
        return names
    }

    private static func node(_ path: [UInt8]) -> Node? {
        var status = stat()
        guard lstat(text(path), &status) == 0 else { return nil }
        let kinds: [UInt32: FileKind] = [
            0o100000: .file, 0o040000: .directory, 0o120000: .symlink, 0o010000: .fifo, 0o140000: .socket,
            0o060000: .block, 0o020000: .character,
        ]
        guard let kind = kinds[status.st_mode & 0o170000] else { return nil }
        var node = Node(kind: kind, mode: status.st_mode & 0o7777, uid: status.st_uid, gid: status.st_gid)
        if kind == .file {
            node.content = content(path)
            node.modified = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
        }
        if kind == .symlink {
            var buffer = [CChar](repeating: 0, count: 5_000)
            let length = readlink(text(path), &buffer, buffer.count)
            node.target = buffer.prefix(max(0, length)).map { UInt8(bitPattern: $0) }
        }
        if kind == .file || kind == .directory { node.attributes = attributes(path) }
        return node
    }

    private static func content(_ path: [UInt8]) -> [UInt8] {
        let descriptor = open(text(path), O_RDONLY)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let length = read(descriptor, &buffer, buffer.count)
            if length <= 0 { return content }
            content += buffer.prefix(length)
        }
    }

    private static func attributes(_ path: [UInt8]) -> [[UInt8]: [UInt8]] {
        var list = [CChar](repeating: 0, count: 65_536)
        let length = llistxattr(text(path), &list, list.count)
        guard length > 0 else { return [:] }
        var attributes: [[UInt8]: [UInt8]] = [:]
        for name in list.prefix(length).split(separator: 0) {
            var value = [UInt8](repeating: 0, count: 65_536)
            let size = lgetxattr(text(path), Array(name) + [0], &value, value.count)
            attributes[name.map { UInt8(bitPattern: $0) }] = Array(value.prefix(max(0, size)))
        }
        return attributes
    }
}
