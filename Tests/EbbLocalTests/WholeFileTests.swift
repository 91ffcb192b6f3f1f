import EbbModel
import FoundationEssentials
import Glibc
import Testing

@testable import EbbLocal

struct WholeFileTests {
    private func withFile(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "ebb-whole-\(UInt64.random(in: 0 ... .max))"
        ).path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(directory + "/secrets.yml")
        // Nothing is left beside it, whatever happened.
        let left = try FileManager.default.contentsOfDirectory(atPath: directory)
        #expect(left.allSatisfy { !$0.hasSuffix(".tmp") || $0.hasPrefix("secrets") })
    }

    private func status(_ path: String) -> stat {
        var status = stat()
        _ = lstat(path, &status)
        return status
    }

    @Test func `who may read a file, and whose it is, stays so when it is replaced`() throws {
        try withFile { path in
            try WholeFile.write("a", to: path)
            for (mode, user, group) in [(0o600, 0, 0), (0o640, 4_711, 4_712), (0o4755, 1, 2)] {
                #expect(chown(path, uid_t(user), gid_t(group)) == 0)
                #expect(chmod(path, mode_t(mode)) == 0)
                let before = status(path)
                try WholeFile.write("b", to: path)
                let after = status(path)
                #expect(after.st_ino != before.st_ino)
                #expect(after.st_mode == before.st_mode)
                #expect(after.st_uid == before.st_uid && after.st_gid == before.st_gid)
            }
        }
    }

    @Test func `what only its owner shall read is so whatever was there before`() throws {
        try withFile { path in
            for mode in [nil, 0o644] as [mode_t?] {
                if let mode { #expect(chmod(path, mode) == 0) }
                try WholeFile.write("key", to: path, isPrivate: true)
                #expect(status(path).st_mode & 0o777 == 0o600)
            }
        }
    }

    @Test func `what a crash left behind stands in nobody's way, and a link stays one`() throws {
        try withFile { path in
            let stale = path + ".ebb-\(getpid()).tmp"
            #expect(FileManager.default.createFile(atPath: stale, contents: Data()))
            try WholeFile.write("a", to: path)
            let link = path + ".link"
            #expect(symlink(path, link) == 0)
            try WholeFile.write("b", to: link)
            #expect(status(link).st_mode & S_IFMT == S_IFLNK)
            #expect(FileManager.default.contents(atPath: path) == Data("b".utf8))
        }
    }

    @Test func `what was not kept leaves the file as it was`() throws {
        try withFile { path in
            try WholeFile.write("old", to: path)
            let partial = try PartialFile(for: path)
            partial.write("new")
            try partial.close()
            partial.discard()
            #expect(FileManager.default.contents(atPath: path) == Data("old".utf8))
        }
    }
}
