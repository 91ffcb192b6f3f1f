import EbbModel
import EbbProbe
import Foundation
import Testing

/// What real hosts answered about the traps of `lab/traps`, captured by `lab/traps/capture`.
@Suite struct TrapTests {
    /// One trap: paths, and what must be said of each; `nil` is: nothing.
    struct Trap: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let expected: [BytePath: PathChange.Kind?]
        let roots: [String]

        init(
            _ name: String, _ expected: [String: PathChange.Kind?],
            on roots: [String] = ["btrfs", "overlay", "tmpfs", "mkfs"]
        ) {
            testDescription = name
            self.roots = roots
            self.expected = Dictionary(uniqueKeysWithValues: expected.map { (BytePath($0.key), $0.value) })
        }
    }

    static let licenses = "/usr/share/common-licenses/"
    static let withLicenses = ["btrfs", "overlay", "mkfs"]

    static let traps = [
        Trap(
            "a file with several names, the first of which is gone",
            ["/srv/hard-links/first": nil, "/srv/hard-links/second": .added, "/srv/hard-links/third": .added]),
        Trap("empty files and directories", ["/srv/empty/file": .added, "/srv/empty/directory": .added]),
        Trap(
            "every kind of file",
            [
                "/srv/kinds/fifo": .added, "/srv/kinds/socket": .added, "/srv/kinds/block": .added,
                "/srv/kinds/character": .added, "/srv/kinds/link": .added, "/srv/kinds/directory": .added,
            ]),
        Trap(
            "names with spaces, newlines, tabs, backslashes, quotes, dashes and globs",
            [
                "/srv/odd-names/with space": .added, "/srv/odd-names/new\nline": .added,
                "/srv/odd-names/tab\there": .added, "/srv/odd-names/back\\slash": .added,
                "/srv/odd-names/quote'\"": .added, "/srv/odd-names/-rf": .added, "/srv/odd-names/*?[a]": .added,
                "/srv/odd-names/\u{1}\u{7F}": .added, "/srv/odd-names/" + String(repeating: "l", count: 255): .added,
            ]),
        Trap(
            "written before a mount covered it",
            ["/srv/covered": .added, "/srv/covered/early": .added, "/srv/covered/late": nil]),
        Trap("a mount point whose name mountinfo escapes", ["/srv/odd mount\n\\": .added]),
        Trap("open, and without a name", ["/srv/open-deleted": .added, "/srv/open-deleted/file": nil]),
        Trap(
            "a directory replaced by another of its name",
            ["/etc/cron.daily": nil, "/etc/cron.daily/new": .added, "/etc/cron.daily/dpkg": .removed]),
        Trap("a link that points elsewhere", ["/etc/localtime": .modified]),
        Trap("a file of the blank that is gone", [licenses + "Apache-2.0": .removed], on: withLicenses),
        Trap("nothing but the mode", [licenses + "Artistic": .modified], on: withLicenses),
        Trap("nothing but an extended attribute", [licenses + "BSD": .modified], on: withLicenses),
        Trap("another content of the same size and time", [licenses + "CC0-1.0": .modified], on: withLicenses),
        Trap("opened for writing and touched, and yet the same", [licenses + "GFDL-1.3": nil], on: withLicenses),
        Trap(
            "a renamed file, where inode numbers last",
            [licenses + "GFDL-1.2.moved": .renamed, licenses + "GFDL-1.2": nil], on: ["btrfs"]),
        Trap(
            "a renamed file, where they do not",
            [licenses + "GFDL-1.2.moved": .added, licenses + "GFDL-1.2": .removed], on: ["overlay", "mkfs"]),
        Trap(
            "a renamed directory with content, where inode numbers last",
            [
                "/etc/default.moved": .renamed, "/etc/default.moved/dbus": .renamed, "/etc/default": nil,
                "/etc/default/dbus": nil,
            ], on: ["btrfs"]),
        Trap(
            "a renamed directory with content, where they do not",
            [
                "/etc/default.moved": .added, "/etc/default.moved/dbus": .added, "/etc/default": .removed,
                "/etc/default/dbus": .removed,
            ], on: ["overlay", "tmpfs", "mkfs"]),
        Trap("a subvolume inside the root", ["/srv/nested": .added, "/srv/nested/inside": .added], on: ["btrfs"]),
    ]

    static func bytes(_ name: String) throws -> [UInt8] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(
            path: "Fixtures/" + name)
        return Array(try Data(contentsOf: file))
    }

    static func changes(_ root: String) throws -> [PathChange] {
        var stream = DriftParser(.trees)
        stream.feed(try bytes(root + ".drift")[...])
        return try stream.finish().all()
    }

    @Test(arguments: traps) func `a trap is seen for what it is`(trap: Trap) throws {
        for root in trap.roots {
            let changes = try Self.changes(root)
            for (path, expected) in trap.expected {
                let found = changes.filter { $0.path == path }.map(\.change)
                #expect(found == (expected.map { [$0] } ?? []), "\(root): \(path)")
            }
        }
    }

    @Test func `a name that is no text and a path as deep as can be are read`() throws {
        for root in ["btrfs", "overlay", "tmpfs", "mkfs"] {
            let paths = try Self.changes(root).map(\.path)
            let odd = BytePath(bytes: Array("/srv/odd-names/".utf8) + [0xFF, 0xFE])
            #expect(paths.contains(odd), "\(root)")
            #expect(paths.contains { $0.bytes.count > 3_700 && $0.bytes.suffix(4) == Array("/end".utf8)[...] })
        }
    }

    @Test func `a listing that was cut anywhere is noticed`() throws {
        let whole = try Self.bytes("btrfs.drift")
        let changes = try Self.changes("btrfs")
        for cut in stride(from: 1, to: whole.count, by: 977) {
            var stream = DriftParser(.trees)
            stream.feed(whole.dropLast(cut))
            #expect(try stream.finish().all() != changes || cut < 6, "\(cut)")
        }
    }

    @Test func `what zfs itself names, the comparison names too, and more`() throws {
        var quick = DriftParser(.zfsDiff)
        quick.feed(try Self.bytes("zfs.zfs-diff")[...])
        let named = try quick.finish().all()
        #expect(quick.gaps.isEmpty && named.count > 20)
        var known: Set<BytePath> = []
        for change in try Self.changes("zfs") {
            known.insert(change.path)
            if let old = change.renamedFrom { known.insert(old) }
        }
        // Directories whose entries changed are modified for ZFS, and not for a person.
        for change in named where change.kind != .directory || change.change != .modified {
            // Touched, and yet the same: the comparison has looked at the content.
            if change.path == BytePath(Self.licenses + "GFDL-1.3") { continue }
            #expect(known.contains(change.path), "\(change.path)")
        }
        let paths = Set(named.map(\.path))
        #expect(paths.contains(BytePath("/srv/odd-names/new\nline")))
        #expect(!paths.contains { $0.bytes.suffix(17) == Array("(on_delete_queue)".utf8)[...] })
    }
}
