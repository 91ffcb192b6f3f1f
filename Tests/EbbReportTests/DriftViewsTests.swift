import EbbModel
import EbbReport
import FoundationEssentials
import Testing

/// The other ways to show drift, and the history.
@Suite struct DriftViewsTests {
    static let time = Date(timeIntervalSince1970: 1_790_000_000)

    static func entry(
        _ path: String, _ verdict: PathVerdict = .unexplained, _ stateClass: StateClass = .unknown,
        kind: FileKind = .file
    ) -> DriftEntry {
        DriftEntry(
            change: PathChange(path: BytePath(path), change: .added, kind: kind, size: 3), verdict: verdict,
            stateClass: stateClass, reason: "because")
    }

    static func host(_ name: String, _ entries: [DriftEntry]) throws -> DriftReport.Host {
        DriftReport.Host(
            host: try HostName(name), outcome: .ok, strategy: .btrfs, counts: [.unexplained: entries.count],
            bytes: [.unexplained: Int64(entries.count * 3)],
            lines: entries.map { DriftReport.Line(entry: $0, size: 3) }, duration: .seconds(name == "b" ? 3 : 1))
    }

    @Test func `a tree shows each path below the directories that lead to it`() throws {
        let report = DriftReport(
            generatedAt: Self.time,
            hosts: [
                try Self.host(
                    "a",
                    [
                        Self.entry("/etc/x", .leaked), Self.entry("/var/lib/one\nline"),
                        Self.entry("/var/lib/two", .unexplained, .precious, kind: .directory),
                    ])
            ])
        #expect(
            report.tree(color: false).hasPrefix(
                """
                a  btrfs  9 at risk
                ├── etc/x  leaked, unknown, 3
                └── var/lib/
                    ├── one\\nline  unexplained, unknown, 3
                    └── two/  unexplained, precious, 3

                1 host: 0 clean, 1 would lose something; slowest: a 1.0s.

                """))
    }

    @Test func `by path, what most hosts have comes first, with their names`() throws {
        let report = DriftReport(
            generatedAt: Self.time,
            hosts: [
                try Self.host("a", [Self.entry("/only", .leaked), Self.entry("/x")]),
                try Self.host("b", [Self.entry("/x"), Self.entry("/y", .unexplained, .secret)]),
            ], wall: .seconds(4))
        let paths = report.sharedPaths.map(\.line.entry.change.path.printable)
        #expect(paths == ["/x", "/only", "/y"])
        #expect(report.sharedPaths.first?.hosts.map(\.text) == ["a", "b"])
        #expect(report.sharedPaths.first?.size == 6)
        let text = report.pathsText(width: nil, color: false)
        #expect(text.contains("slowest: b 3.0s; all took 4.0s"))
        #expect(JSONText.document(report.pathsJSON).contains("ebb.drift.paths/1"))
    }

    @Test func `a share that is not whole is never shown as whole`() throws {
        var comparison = BootComparison()
        comparison.undone = 99_999
        comparison.survived = 1
        comparison.survivors = [BytePath("/still\there")]
        let boot = try #require(BootID("11111111-2222-4333-8444-000000000001"))
        func report(_ found: BootComparison) throws -> String {
            HistoryReport(
                generatedAt: Self.time, host: try HostName("a"),
                boots: [
                    HistoryReport.Boot(
                        bootID: boot, firstSeen: Self.time, lastSeen: Self.time, attempt: nil,
                        verdict: BootVerdict(erasure: .erased, retention: .kept, reasons: []), prediction: found)
                ], observations: [], intervals: []
            ).text(width: nil, color: false)
        }
        let text = try report(comparison)
        #expect(text.contains("99.9%") && text.contains("100%"))
        #expect(text.contains("11111111: /still\\there was to be undone and is still there"))
        comparison.survived = 0
        comparison.survivors = []
        #expect(try !report(comparison).contains("99.9%"))
        #expect(try report(BootComparison()).contains("—"))
    }

    @Test func `the difference of two texts is one hunk with what stands around it`() {
        let old = (1...9).map { "line \($0)\n" }.joined()
        let new = old.replacing("line 5\n", with: "line 5\nand more\n")
        #expect(
            LineDifference.text(old: old, new: new, file: "f", color: false) == """
                --- f
                +++ f
                @@ -3,6 +3,7 @@
                 line 3
                 line 4
                 line 5
                +and more
                 line 6
                 line 7
                 line 8

                """)
        #expect(LineDifference.text(old: old, new: old, file: "f", color: false).isEmpty)
        let first = LineDifference.text(old: "", new: "a\n", file: "f", color: false)
        #expect(first.contains("@@ -0,0 +1,1 @@\n+a\n"))
    }
}
