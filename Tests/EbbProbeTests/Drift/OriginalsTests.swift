import EbbProbe
import EbbTestSupport
import Foundation
import Testing

@testable import EbbModel

/// Which originals of adopted paths are known to be as they were when the copy was compared with them.
@Suite(.serialized, .blocking) struct OriginalsTests {
    /// `/data` is mounted over, `/link` has its original beside it; both have a journal on `/top/store`.
    private func root(_ strategy: Strategy) throws -> RealRoot {
        let root = try RealRoot(strategy) { blank in
            try FileManager.default.createDirectory(atPath: blank + "/etc", withIntermediateDirectories: true)
        }
        root.persist = [PersistentStorage(mount: "/run/store")]
        try run(
            root,
            """
            mkdir -p /data/sub /link.ebb-original /run/store/.ebb/adopt/1 /run/store/.ebb/adopt/2
            chmod 700 /run/store/.ebb/adopt
            echo one >/data/one; echo two >/data/sub/two; echo three >/link.ebb-original/three
            ln -s /run/store/link /link
            sleep 0.05
            offset() { read -r up _ </proc/uptime; echo $(($(date +%s%2N) - ${up%.*}${up#*.})); }
            note() { echo "$(cat /proc/sys/kernel/random/boot_id) $(date +%s.%N) $(offset) $1"; }
            note bind >/run/store/.ebb/adopt/1/settled; echo /data >/run/store/.ebb/adopt/1/path
            note symlink >/run/store/.ebb/adopt/2/settled; echo /link >/run/store/.ebb/adopt/2/path
            sleep 0.05
            mkdir /run/store/data; mount --bind /run/store/data /data
            """)
        return root
    }

    private func run(_ root: RealRoot, _ text: String) throws { _ = try root.run(Array("set -eu\n\(text)\n".utf8)) }

    private func beneath(_ root: RealRoot, _ text: String) throws {
        try run(root, "mkdir -p /run/under; mount --bind / /run/under; \(text); umount /run/under")
    }

    private static let both: Set<BytePath> = [BytePath("/data"), BytePath("/link")]

    @Test(arguments: RealRoot.strategies) func `what nobody wrote to since is told, in every shell`(strategy: Strategy)
        throws
    {
        guard geteuid() == 0 else { return }
        let root = try root(strategy)
        for shell in RealShell.shells { #expect(try root.observe(shell: shell).originals == Self.both, "\(shell)") }
    }

    @Test(arguments: [
        ("echo more >>/run/under/data/one", "/link"), ("rm /run/under/data/sub/two", "/link"),
        ("chmod 600 /run/under/data/sub/two", "/link"), ("touch -d 2001-01-01 /run/under/data/one", "/link"),
        ("echo new >/run/under/data/sub/new", "/link"), ("echo x >/link.ebb-original/three", "/data"),
        ("mv /link.ebb-original /gone", "/data"),
    ]) func `one write, and it is not told`(write: String, left: String) throws {
        guard geteuid() == 0 else { return }
        let root = try root(.btrfs)
        try beneath(root, write)
        #expect(try root.observe().originals == [BytePath(left)])
    }

    @Test(arguments: [
        "sed -i 's/^./x/' /run/store/.ebb/adopt/*/settled",
        "sed -i 's/ [0-9]* \\(bind\\|symlink\\)/ 500 \\1/' /run/store/.ebb/adopt/*/settled",
        // A moment that is still to come: `SECONDS.NANOSECONDS`, in the form in which it is written, and in others.
        "sed -i -E 's/ [0-9]+[.]/ 4000000000./' /run/store/.ebb/adopt/*/settled",
        "sed -i -E \"s/ [0-9]+[.]/ $(($(date +%s) + 60))./\" /run/store/.ebb/adopt/*/settled",
        "sed -i -E 's/ [0-9]+[.][0-9]+ / tomorrow /' /run/store/.ebb/adopt/*/settled",
        "sed -i -E 's/ [0-9]+[.]/ 99999999999./' /run/store/.ebb/adopt/*/settled", "chown 1000 /run/store/.ebb/adopt",
        "chmod 755 /run/store/.ebb/adopt", "rm /run/store/.ebb/adopt/*/path",
        ": >/run/store/.ebb/adopt/1/settled; echo x y z >/run/store/.ebb/adopt/2/settled",
        "mv /run/store/.ebb/adopt /run/store/real; ln -s ../real /run/store/.ebb/adopt",
    ]) func `a note of another boot, another clock or of others is worth nothing`(change: String) throws {
        guard geteuid() == 0 else { return }
        let root = try root(.overlay)
        try run(root, change)
        #expect(try root.observe().originals.isEmpty)
    }
}
