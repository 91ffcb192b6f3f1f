import FoundationEssentials
import Testing

@testable import EbbModel

/// Lists of changes that do not fit into memory.
@Suite struct ChangeListBuilderTests {
    static func change(_ path: String, _ kind: PathChange.Kind, size: Int64 = 1) -> PathChange {
        PathChange(path: BytePath(path), change: kind, kind: .file, size: size)
    }

    @Test(arguments: [300, 5_000, Int.max]) func `what is put aside comes back sorted, paired and whole`(limit: Int)
        throws
    {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        let count = 500
        var feed: [(PathChange, UInt64?)] = []
        for number in 0..<count {
            // A third of the entries moved, a third came, a third went.
            let inode = UInt64(number)
            if number % 3 != 1 { feed.append((Self.change("/old/\(number)", .removed), inode)) }
            if number % 3 != 2 { feed.append((Self.change("/new-\(number)", .added), inode)) }
        }
        feed.shuffle(using: &generator)
        var builder = ChangeListBuilder(MemorySpill.policy(limit: limit))
        for (change, inode) in feed { try builder.add(change, inode: inode) }
        for number in 0..<20 {
            try builder.addDoubtful(Self.change("/doubt/\(number)", .modified))
            if number % 2 == 0 { try builder.settle(BytePath("/doubt/\(number)")) }
        }
        let list = try builder.finish()
        let changes = try list.all()
        #expect(changes == (try list.all()), "it is read as often as it is wanted")
        #expect(zip(changes, changes.dropFirst()).allSatisfy { $0.path < $1.path })
        let renamed = changes.filter { $0.change == .renamed }
        #expect(renamed.count == (count + 2) / 3, "seed \(seed)")
        for change in renamed {
            let number = change.path.printable.dropFirst("/new-".count)
            #expect(change.renamedFrom == BytePath("/old/\(number)"))
        }
        #expect(changes.count(where: { $0.change == .added }) == (count + 1) / 3)
        #expect(changes.count(where: { $0.change == .removed }) == count / 3)
        #expect(changes.count(where: { $0.change == .modified }) == 10)
        let hidden = try list.hiding([BytePath("/old"), BytePath("/new-0")]).all()
        #expect(!hidden.contains { $0.path.isInside(BytePath("/old")) })
        #expect(hidden.contains { $0.path == BytePath("/new-1") })
        #expect(!hidden.contains { $0.path == BytePath("/new-0") })
    }

    @Test func `everything that is known of a change survives being put aside`() throws {
        let change = PathChange(
            path: BytePath(bytes: [0x2F, 0xFF, 0x0A]), change: .added, kind: .symlink, size: .max, mode: 0o7777,
            uid: .max, gid: 0, modified: .init(timeIntervalSince1970: 1_790_000_000.123456789),
            linkTarget: BytePath("/odd // target"), changed: .init(timeIntervalSince1970: -1.5))
        var builder = ChangeListBuilder(MemorySpill.policy(limit: 1))
        try builder.add(change)
        try builder.add(Self.change("/other", .removed))
        #expect(try builder.finish().all() == [Self.change("/other", .removed), change])
    }

    @Test func `one of two names stays new when only one name of a file went`() throws {
        var builder = ChangeListBuilder(MemorySpill.policy(limit: 1))
        try builder.add(Self.change("/gone", .removed), inode: 7)
        try builder.add(Self.change("/a", .added), inode: 7)
        try builder.add(Self.change("/b", .added), inode: 7)
        #expect(try builder.finish().all().map(\.change) == [.renamed, .added])
    }

    @Test func `a number given out again is no rename where the time differs`() throws {
        func change(_ path: String, _ kind: PathChange.Kind, at seconds: Double) -> PathChange {
            PathChange(path: BytePath(path), change: kind, kind: .file, modified: .init(timeIntervalSince1970: seconds))
        }
        var builder = ChangeListBuilder(MemorySpill.policy(limit: 1))
        builder.needsEqualTimes = true
        try builder.add(change("/a", .removed, at: 1), inode: 1)
        try builder.add(change("/b", .removed, at: 2), inode: 2)
        try builder.add(change("/c", .added, at: 1), inode: 1)
        try builder.add(change("/d", .added, at: 3), inode: 2)
        #expect(
            try builder.finish().all() == [
                change("/b", .removed, at: 2),
                PathChange(
                    path: BytePath("/c"), change: .renamed, kind: .file, modified: .init(timeIntervalSince1970: 1),
                    renamedFrom: BytePath("/a")), change("/d", .added, at: 3),
            ])
    }

    @Test func `a full disk is an error and never a shorter list`() {
        var builder = ChangeListBuilder(SpillPolicy(limit: 1) { () throws(SpillError) in throw SpillError("no space") })
        #expect(throws: SpillError.self) { for number in 0..<3 { try builder.add(Self.change("/\(number)", .added)) } }
    }
}
