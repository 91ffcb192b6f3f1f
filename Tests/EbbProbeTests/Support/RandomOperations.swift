import Glibc

/// Does random things to a tree, and keeps a record of them for the report of a failure.
struct RandomOperations {
    private(set) var log: [String] = []
    private var generator: SeededGenerator
    private var root: [UInt8]
    /// Paths below the root that exist or once did.
    private var files: [[UInt8]] = []
    private var directories: [[UInt8]] = [[]]

    init(root: String, seed: UInt64) {
        self.root = Array(root.utf8)
        generator = SeededGenerator(seed: seed)
    }

    /// Goes on in a copy of the tree.
    mutating func move(to root: String) {
        self.root = Array(root.utf8)
        log = []
    }

    mutating func run(_ count: Int) { for _ in 0..<count { step() } }

    /// Names that break careless parsers; never a slash or NUL.
    private mutating func name() -> [UInt8] {
        let odd: [[UInt8]] = [
            Array("with space".utf8), Array("new\nline".utf8), Array("tab\tinside".utf8), Array("back\\slash".utf8),
            Array("quote'\"`$x".utf8), [0xFF, 0xFE, 0x80], Array("ünïcode".utf8), Array("-rf".utf8),
            Array("!bang".utf8), [0x01, 0x7F], Array("\t/".utf8.prefix(1)), Array("=equals".utf8), Array("#hash".utf8),
            Array(repeating: UInt8(ascii: "l"), count: 255), Array("*?[a]".utf8),
        ]
        if Int.random(in: 0..<4, using: &generator) == 0 {
            return odd[Int.random(in: 0..<odd.count, using: &generator)]
        }
        return Array("n\(Int.random(in: 0..<400, using: &generator))".utf8)
    }

    /// A path of the list that still exists, where a few tries find one.
    private mutating func pick(_ list: [[UInt8]]) -> [UInt8]? {
        var status = stat()
        for _ in 0..<5 {
            guard let path = list.randomElement(using: &generator) else { return nil }
            if lstat(full(path), &status) == 0 { return path }
        }
        return nil
    }

    private mutating func directory() -> [UInt8] { pick(directories) ?? [] }

    private mutating func fresh() -> [UInt8] { directory() + [UInt8(ascii: "/")] + name() }

    private mutating func file() -> [UInt8] { pick(files) ?? fresh() }

    private func full(_ path: [UInt8]) -> [CChar] { TreeWalker.text(root + path) }

    private mutating func write(_ path: [UInt8], flags: Int32) {
        let descriptor = open(full(path), O_WRONLY | O_NONBLOCK | O_NOFOLLOW | flags, 0o644)
        guard descriptor >= 0 else { return }
        let length = Int.random(in: 0..<5_000, using: &generator)
        let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
        _ = Glibc.write(descriptor, bytes, length)
        close(descriptor)
    }

    private mutating func step() {
        let kind = Int.random(in: 0..<24, using: &generator)
        let one = file()
        let two = Bool.random(using: &generator) ? fresh() : file()
        let at = directory()
        switch kind {
        case 0, 1, 2, 18, 19, 20:
            write(two, flags: O_CREAT | O_TRUNC)
            files.append(two)
        case 3: write(one, flags: 0)
        case 4: write(one, flags: O_APPEND)
        case 5: truncate(full(one), Int.random(in: 0..<100, using: &generator))
        case 6, 7:
            rename(full(one), full(two))
            files.append(two)
        case 8, 22:
            link(full(one), full(two))
            files.append(two)
        case 9: chmod(full(one), UInt32.random(in: 0...0o777, using: &generator))
        case 10: _ = setxattr(full(one), "user.n", "\(one.count)", 1, 0)
        case 11: unlink(full(one))
        case 12, 21: if mkdir(full(two), 0o755) == 0, two.count < 2_000 { directories.append(two) }
        case 13: if !at.isEmpty { rmdir(full(at)) }
        case 14:
            unlink(full(one))
            symlink("\(two.count)//odd target\n", full(one))
        case 15:
            let new = fresh()
            // A directory with all that is below it.
            if !at.isEmpty { rename(full(at), full(new)) }
            directories.append(new)
        case 16: mkfifo(full(two), 0o600)
        default: chmod(full(at), at.isEmpty ? 0o755 : 0o700)
        }
        log.append(
            "\(kind) \(String(decoding: one, as: UTF8.self)) "
                + "\(String(decoding: two, as: UTF8.self)) \(String(decoding: at, as: UTF8.self))")
    }
}
