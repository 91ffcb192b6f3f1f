import EbbModel
import EbbProbe
import EbbTestSupport
import Foundation
import Testing

/// What the boot destroys beside the root: in mounts that it erases, and in memory.
@Suite(.serialized, .blocking) struct BesideRootTests {
    private func root(_ strategy: Strategy) throws -> RealRoot {
        try RealRoot(strategy) { blank in
            try FileManager.default.createDirectory(atPath: blank + "/etc", withIntermediateDirectories: true)
        }
    }

    /// `/ledger` is in memory; `/scratch` is a file system of its own.
    private func fill(_ root: RealRoot) throws {
        _ = try root.run(
            Array(
                """
                set -eu
                mkdir -p /ledger /scratch /odd /image
                mount -t tmpfs tmpfs /ledger
                mkdir /ledger/books /ledger/lost+found
                echo data >/ledger/books/one; echo key >/ledger/ca.key; chmod 600 /ledger/ca.key
                ln -s books/one /ledger/link
                echo token >/ledger/.ebb-canary
                truncate -s 16M /image/scratch
                mkfs.ext4 -q -F /image/scratch
                mount -o loop /image/scratch /scratch
                echo dump >/scratch/dump

                """.utf8))
    }

    private func paths(_ observation: Observation, below point: String) throws -> [String] {
        try observation.changes.all().filter { $0.path.isInside(BytePath(point)) && $0.path != BytePath(point) }.map {
            "\($0.change.rawValue) \($0.kind.rawValue) \($0.path.printable)"
        }.sorted()
    }

    private static let inLedger = [
        "added directory /ledger/books", "added file /ledger/books/one", "added file /ledger/ca.key",
        "added symlink /ledger/link",
    ]

    @Test(arguments: RealRoot.strategies) func `what lies in memory and in erased mounts is listed`(strategy: Strategy)
        throws
    {
        guard geteuid() == 0 else { return }
        let root = try root(strategy)
        try fill(root)
        for shell in RealShell.shells {
            root.settings.erases = []
            let memory = try root.observe(shell: shell)
            #expect(try paths(memory, below: "/ledger") == Self.inLedger, "\(shell)")
            #expect(try paths(memory, below: "/scratch").isEmpty, "\(shell)")
            #expect(memory.isComplete || strategy == .tmpfs || strategy == .mkfs, "\(shell): \(memory.gaps)")
            root.settings.erases = ["/scratch", "/not-mounted"]
            let both = try root.observe(shell: shell)
            #expect(try paths(both, below: "/ledger") == Self.inLedger, "\(shell)")
            #expect(try paths(both, below: "/scratch") == ["added file /scratch/dump"], "\(shell)")
            #expect(both.erased.isSuperset(of: [BytePath("/ledger"), BytePath("/scratch")]))
            #expect(!both.erased.contains(BytePath("/run")) && !both.erased.contains(BytePath("/not-mounted")))
            let file = try both.changes.all().first { $0.path == BytePath("/ledger/ca.key") }
            #expect(file?.size == 4 && file?.mode == 0o600 && file?.changed != nil)
        }
    }

    @Test func `what was written to an overlay whose upper layer is in memory is listed`() throws {
        guard geteuid() == 0 else { return }
        let root = try root(.btrfs)
        _ = try root.run(
            Array(
                """
                set -eu
                mkdir -p /web /low /run/u /run/w; echo old >/low/old
                mount -t tmpfs tmpfs /run; mkdir /run/u /run/w
                mount -t overlay -o lowerdir=/low,upperdir=/run/u,workdir=/run/w overlay /web
                echo page >/web/page; rm /web/old

                """.utf8))
        for shell in RealShell.shells {
            #expect(try paths(try root.observe(shell: shell), below: "/web") == ["added file /web/page"], "\(shell)")
        }
    }

    @Test func `they are listed as well where covered places cannot be looked into`() throws {
        guard geteuid() == 0 else { return }
        let root = try root(.overlay)
        try fill(root)
        mkdir(root.path + "/shims", 0o755)
        try "#!/bin/sh\nexit 1\n".write(toFile: root.path + "/shims/unshare", atomically: false, encoding: .utf8)
        chmod(root.path + "/shims/unshare", 0o755)
        let observation = try root.observe(shell: ["env", "PATH=/shims:/usr/sbin:/usr/bin:/bin", "sh"])
        #expect(try paths(observation, below: "/ledger") == Self.inLedger)
    }

    @Test func `subvolumes within an erased mount are listed, and the mounts within it are not`() throws {
        guard geteuid() == 0 else { return }
        let root = try root(.btrfs)
        _ = try root.run(
            Array(
                """
                set -eu
                mkdir /scratch
                btrfs subvolume create /top/scratch >/dev/null
                mount --bind /top/scratch /scratch
                cd /scratch
                btrfs subvolume create vol >/dev/null
                btrfs subvolume create 'vol/in *' >/dev/null
                btrfs subvolume create /top/other >/dev/null
                btrfs subvolume create mine >/dev/null
                echo other >/top/other/file
                mount --bind /top/other mine
                head -c 3000000 /dev/zero >vol/app.sqlite
                (umask 077; echo key >'vol/in */ca.key')

                """.utf8))
        root.settings.erases = ["/scratch"]
        for shell in RealShell.shells {
            let found = try root.observe(shell: shell)
            #expect(
                try paths(found, below: "/scratch") == [
                    "added directory /scratch/mine", "added directory /scratch/vol",
                    "added directory /scratch/vol/in *", "added file /scratch/vol/app.sqlite",
                    "added file /scratch/vol/in */ca.key",
                ], "\(shell)")
            let files = try found.changes.all().filter { $0.path.isInside(BytePath("/scratch")) && $0.kind == .file }
            #expect(Set(files.map(\.size)) == [3_000_000, 4] && found.isComplete, "\(shell): \(found.gaps)")
        }
        _ = try root.run(Array("btrfs subvolume create '/scratch/a\nb' >/dev/null".utf8))
        for shell in RealShell.shells {
            let gaps = try root.observe(shell: shell).gaps
            #expect(gaps.contains { $0.message.contains("not every subvolume in /scratch") }, "\(shell): \(gaps)")
        }
    }

    @Test func `subvolumes of a root that cannot be looked into are a gap`() throws {
        guard geteuid() == 0 else { return }
        let root = try root(.btrfs)
        mkdir(root.path + "/shims", 0o755)
        try "#!/bin/sh\nexit 1\n".write(toFile: root.path + "/shims/unshare", atomically: false, encoding: .utf8)
        chmod(root.path + "/shims/unshare", 0o755)
        let shell = ["env", "PATH=/shims:/usr/sbin:/usr/bin:/bin", "sh"]
        let words = "subvolumes of the root are not looked into"
        #expect(try !root.observe(shell: shell).gaps.contains { $0.message.contains(words) })
        _ = try root.run(Array("btrfs subvolume create /etc/vol >/dev/null".utf8))
        #expect(try root.observe(shell: shell).gaps.contains { $0.message.contains(words) })
        #expect(try !root.observe().gaps.contains { $0.message.contains(words) })
    }

    @Test func `a mount whose name cannot be listed is a gap`() throws {
        guard geteuid() == 0 else { return }
        let root = try root(.overlay)
        _ = try root.run(
            Array("mkdir '/odd name' && mount -t tmpfs tmpfs '/odd name' && echo x >'/odd name/file'".utf8))
        let observation = try root.observe()
        #expect(observation.gaps.contains { $0.probe == "drift" && $0.message.contains("because of its name") })
    }
}
