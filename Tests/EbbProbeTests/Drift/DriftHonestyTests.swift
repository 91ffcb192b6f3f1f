import EbbProbe
import EbbTestSupport
import Foundation
import Testing

@testable import EbbModel

/// What the comparison says when it could not do its work, and what it sees that others do not.
@Suite(.serialized, .blocking) struct DriftHonestyTests {
    func write(_ text: String, to path: String, executable: Bool = false) throws {
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        chmod(path, executable ? 0o755 : 0o644)
    }

    func root(_ strategy: Strategy = .overlay) throws -> RealRoot {
        try RealRoot(strategy) { blank in
            try FileManager.default.createDirectory(atPath: blank + "/etc", withIntermediateDirectories: true)
            try write("one\n", to: blank + "/etc/issue")
            try write("two\n", to: blank + "/etc/motd")
        }
    }

    @Test func `a tool that fails, complains or dies never leaves a clean answer`() throws {
        let root = try root()
        #expect(try root.observe().isComplete)
        mkdir(root.path + "/shims", 0o755)
        let tools = ["find", "sort", "comm", "tee", "xargs"]
        let troubles = [
            "exit 3", "kill -9 $$", "/usr/bin/TOOL \"$@\"; s=$?; echo 'No space left on device' >&2; exit $s",
            "/usr/bin/TOOL \"$@\"; exit 1",
        ]
        // Something doubtful, so that every tool has work.
        chmod(root.path + "/etc/issue", 0o600)
        chmod(root.path + "/etc/issue", 0o644)
        for tool in tools {
            for trouble in troubles {
                let shim = root.path + "/shims/" + tool
                let text = trouble.replacingOccurrences(of: "TOOL", with: tool)
                try write("#!/bin/sh\n\(text)\n", to: shim, executable: true)
                let observation = try root.observe(shell: ["env", "PATH=/shims:/usr/bin:/bin", "sh"])
                #expect(!observation.isComplete, "\(tool): \(text)")
                unlink(shim)
            }
        }
    }

    @Test func `a place to work that cannot be made whole is taken away again`() throws {
        let root = try root()
        mkdir(root.path + "/shims", 0o755)
        for tool in ["mkdir", "mkfifo"] {
            let shim = root.path + "/shims/" + tool
            try write("#!/bin/sh\nexit 1\n", to: shim, executable: true)
            let observation = try root.observe(shell: ["env", "PATH=/shims:/usr/bin:/bin", "sh"])
            #expect(!observation.isComplete, "\(tool)")
            unlink(shim)
            let left = try root.run(Array("ls -d /run/ebb.* /dev/shm/ebb.* 2>/dev/null; :".utf8))
            #expect(left.isEmpty, "\(tool): \(String(decoding: left, as: UTF8.self))")
        }
    }

    @Test func `where nothing can be made in run, shared memory is worked in`() throws {
        let root = try root()
        mkdir(root.path + "/shims", 0o755)
        try write(
            "#!/bin/sh\ncase $* in */run/*) exit 1 ;; esac\nexec /usr/bin/mkdir \"$@\"\n",
            to: root.path + "/shims/mkdir", executable: true)
        let observation = try root.observe(shell: ["env", "PATH=/shims:/usr/bin:/bin", "sh"])
        #expect(observation.isComplete, "\(observation.gaps)")
        let left = try root.run(Array("ls -d /run/ebb.* /dev/shm/ebb.* 2>/dev/null; :".utf8))
        #expect(left.isEmpty, "\(String(decoding: left, as: UTF8.self))")
    }

    @Test func `a look whose shell is killed ends then, and the next one cleans up`() throws {
        let root = try root()
        mkdir(root.path + "/shims", 0o755)
        let shim = root.path + "/shims/tee"
        try write("#!/bin/sh\nhead -c 20\nkill -9 $PPID\n", to: shim, executable: true)
        let observation = try root.observe(shell: ["env", "PATH=/shims:/usr/bin:/bin", "sh"])
        #expect(!observation.isComplete)
        let works = Array("ls -d /run/ebb.* /dev/shm/ebb.* 2>/dev/null; :".utf8)
        #expect(try !root.run(works).isEmpty)
        #expect(try root.observe().isComplete)
        let left = try root.run(works)
        #expect(left.isEmpty, "\(String(decoding: left, as: UTF8.self))")
    }

    @Test func `an answer that was cut anywhere is incomplete`() throws {
        let root = try root()
        try write("new", to: root.path + "/etc/new")
        let (output, read) = try root.answer()
        let whole = read(output)
        #expect(whole.isComplete)
        #expect(try whole.changes.all().map(\.path.printable).contains("/etc/new"))
        // Every byte of the end, where completeness is told, and every eleventh before it.
        let cuts = Array(2..<300) + Array(stride(from: 300, to: output.count, by: 11))
        for cut in cuts { #expect(!read(Array(output.dropLast(cut))).isComplete, "\(cut) bytes short") }
    }

    @Test func `a blank that is not where it should be is a gap, not an empty blank`() throws {
        for strategy in RealRoot.strategies where strategy != .tmpfs {
            let root = try root(strategy)
            root.settings.blank = "/nowhere"
            root.settings.lower = "/nowhere"
            let observation = try root.observe()
            #expect(observation.gaps.map(\.reason) == [.mismatch], "\(strategy)")
            root.settings = RootSettings(strategy: .zfs, dataset: "rpool/root", blank: "blank")
            let other = try root.observe()
            #expect(other.strategy == (strategy == .mkfs ? Strategy.none : strategy))
            #expect(other.gaps.contains { $0.probe == "mounts" && $0.reason == .mismatch })
        }
    }

    @Test func `what mounts hide is seen, and their own mode is not taken for a change`() throws {
        for strategy in RealRoot.strategies {
            let root = try root(strategy)
            try write("early", to: root.path + "/covered/early")
            let paths = try root.observe().changes.all().map(\.path.printable)
            #expect(paths.contains("/covered/early"))
            #expect(strategy == .tmpfs || !paths.contains("/covered"), "\(strategy)")
        }
    }

    @Test func `touching a file without changing it is no drift, however it is done`() throws {
        for strategy in RealRoot.strategies where strategy != .tmpfs {
            let root = try root(strategy)
            let issue = root.path + "/etc/issue"
            // Copied up by opening it for writing; its inode changed by a mode there and back, and by
            // a second name that is gone again.
            close(open(issue, O_RDWR))
            chmod(issue, 0o600)
            chmod(issue, 0o644)
            link(issue, issue + "2")
            unlink(issue + "2")
            let observation = try root.observe()
            #expect(try observation.changes.all().isEmpty, "\(strategy)")
            #expect(observation.isComplete, "\(strategy)")
        }
    }

    @Test func `the same size and time do not hide another content`() throws {
        for strategy in RealRoot.strategies where strategy != .tmpfs && strategy != .mkfs {
            let root = try root(strategy)
            let issue = root.path + "/etc/issue"
            var status = stat()
            stat(issue, &status)
            try write("ONE\n", to: issue)
            utimensat(AT_FDCWD, issue, [status.st_atim, status.st_mtim], 0)
            let changes = try root.observe().changes.all()
            #expect(changes.map(\.path.printable) == ["/etc/issue"], "\(strategy)")
        }
    }

    @Test func `a subvolume below the root is lost as a whole and listed`() throws {
        guard RealRoot.strategies.contains(.btrfs) else { return }
        let root = try root(.btrfs)
        let make = try RealShell.run(Array("btrfs subvolume create '\(root.path)/etc/nested'\n".utf8))
        #expect(make.status == 0)
        try write("inside", to: root.path + "/etc/nested/file")
        let paths = try root.observe().changes.all().map(\.path.printable)
        #expect(paths == ["/etc/nested", "/etc/nested/file"])
    }

    @Test func `a rename is one change on a file system with lasting inode numbers`() throws {
        guard RealRoot.strategies.contains(.btrfs) else { return }
        let root = try root(.btrfs)
        rename(root.path + "/etc/motd", root.path + "/etc/motd new")
        let changes = try root.observe().changes.all()
        #expect(changes.map(\.change) == [.renamed])
        #expect(changes.first?.path == BytePath("/etc/motd new"))
        #expect(changes.first?.renamedFrom == BytePath("/etc/motd"))
    }
}
