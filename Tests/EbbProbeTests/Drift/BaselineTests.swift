import EbbModel
import EbbProbe
import EbbTestSupport
import Foundation
import Testing

/// Roots whose blank was written down instead of kept.
@Suite(.serialized, .blocking) struct BaselineTests {
    static let shell = ["env", "PATH=/shims:/usr/bin:/bin", "sh"]

    /// A root that was filled by `populate`; its boot comes after that.
    func root(_ strategy: Strategy, _ populate: (String) throws -> Void) throws -> RealRoot {
        let root = try RealRoot(strategy) { blank in
            try FileManager.default.createDirectory(atPath: blank + "/shims", withIntermediateDirectories: true)
            try "#!/bin/sh\nexec cat /run/late\n".write(
                toFile: blank + "/shims/systemctl", atomically: false, encoding: .utf8)
            chmod(blank + "/shims/systemctl", 0o755)
            // The root has no /etc/alternatives.
            let awk = URL(fileURLWithPath: "/usr/bin/awk").resolvingSymlinksInPath().path
            symlink(awk, blank + "/shims/awk")
            try populate(blank)
        }
        // The moment of the boot, and a wait until the file system's clock is past it.
        _ = try root.run(
            Array(
                """
                # What the root was filled with is gone; it was in memory.
                umount /top
                read -r up idle </proc/uptime
                late=$(awk -v up="$up" 'BEGIN { printf "%.0f", (up + 0.2) * 1e6 }')
                echo "$late" >/run/late
                until read -r up idle </proc/uptime &&
                    awk -v up="$up" -v late="$late" 'BEGIN { exit !(up * 1e6 > late + 1e5) }'
                do :; done

                """.utf8), shell: Self.shell)
        return root
    }

    static let running = (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)).flatMap {
        BootID($0)
    }

    func record(_ root: RealRoot, boot: BootID? = BaselineTests.running) throws -> Int? {
        let script = ProbeScript(nonce: .random(), probes: [BaselineProbe.probe(file: "/run/blank.list", boot: boot)])
        let output = try root.run(script.bytes, shell: Self.shell)
        let report = ProbeReport(parsing: output, nonce: script.nonce)
        let answer = try report.output(of: BaselineProbe.name)
        root.settings.blank = "/run/blank.list"
        root.settings.lower = "/run/blank.list"
        return BaselineProbe.entries(answer)
    }

    static let strategies = RealRoot.strategies.filter { $0 == .mkfs || $0 == .overlay }

    @Test func `what was written down is as good as the blank itself`() throws {
        for strategy in Self.strategies {
            let seed = UInt64.random(in: 0 ... .max)
            var operations = RandomOperations(root: "", seed: seed)
            let root = try root(strategy) { blank in
                operations.move(to: blank)
                operations.run(500)
            }
            let context = "\(strategy) seed \(seed)"
            #expect(try record(root) ?? 0 > 20, "\(context)")
            let untouched = try root.observe(shell: Self.shell)
            #expect(untouched.gaps == [], "\(context)")
            #expect(try untouched.changes.all().map(\.path) == [], "\(context)")
            let before = TreeWalker.walk(root.path)
            operations.move(to: root.path)
            operations.run(2_000)
            let after = TreeWalker.walk(root.path)
            let observation = try root.observe(shell: Self.shell)
            #expect(observation.gaps == [], "\(context)")
            let oracle = DriftOracleTests()
            // What differs in nothing but extended attributes was not written down.
            func plain(_ nodes: [BytePath: TreeWalker.Node]) -> [BytePath: TreeWalker.Node] {
                nodes.mapValues { $0.withoutAttributes }
            }
            let truth = oracle.actual(plain(before), plain(after))
            let prediction = oracle.predicted(try observation.changes.all())
            let missed = truth.filter { prediction[$0.key] != $0.value }
            let invented = prediction.filter { truth[$0.key] != $0.value }
            #expect(missed.isEmpty, "\(context): \(missed)")
            #expect(invented.isEmpty, "\(context): \(invented)")
            #expect(truth.count > 50, "the operations did too little to mean anything")
        }
    }

    @Test func `what came or changed before the writing is not taken for the blank`() throws {
        for strategy in Self.strategies {
            let root = try root(strategy) { blank in
                for name in ["changed", "kept", "same"] {
                    try name.write(toFile: blank + "/" + name, atomically: false, encoding: .utf8)
                }
            }
            try "else".write(toFile: root.path + "/changed", atomically: false, encoding: .utf8)
            try "new".write(toFile: root.path + "/new", atomically: false, encoding: .utf8)
            mkdir(root.path + "/made", 0o755)
            rename(root.path + "/kept", root.path + "/made/kept")
            _ = try record(root)
            let observation = try root.observe(shell: Self.shell)
            let changes = try observation.changes.all().map(\.path.printable)
            #expect(observation.gaps == [])
            // Directories are written as they are: what happens in them touches them.
            #expect(changes == ["/changed", "/made/kept", "/new"], "\(strategy)")
        }
    }

    @Test func `a root that may be an old one is not written down, unless its boot is proven`() throws {
        let strategy = try #require(Self.strategies.first)
        let root = try root(strategy) { _ in }
        let shim = root.path + "/shims/stat"
        try """
        #!/bin/sh
        case $* in *%W*) echo 1 ;; *) exec /usr/bin/stat "$@" ;; esac

        """.write(toFile: shim, atomically: false, encoding: .utf8)
        chmod(shim, 0o755)
        #expect(try record(root) != nil)
        let other = BootID("00000000-0000-0000-0000-000000000000")
        for boot in [other, nil] { #expect(throws: ProbeGap.self) { try record(root, boot: boot) } }
        unlink(shim)
        #expect(try record(root, boot: other) != nil)
    }

    @Test func `what was written down and cut off is a gap`() throws {
        let strategy = try #require(Self.strategies.first)
        let root = try root(strategy) { _ in }
        _ = try record(root)
        _ = try root.run(Array("truncate -s -1 /run/blank.list\n".utf8), shell: Self.shell)
        #expect(try root.observe(shell: Self.shell).isComplete)
        _ = try root.run(Array("truncate -s -3 /run/blank.list\n".utf8), shell: Self.shell)
        #expect(try root.observe(shell: Self.shell).gaps.map(\.reason).contains(.mismatch))
    }
}

extension TreeWalker.Node {
    fileprivate var withoutAttributes: TreeWalker.Node {
        var node = self
        node.attributes = [:]
        return node
    }
}
