import EbbClassifier
import FoundationEssentials
import Testing

@testable import EbbModel

@Suite struct BootComparerTests {
    static let clock = Date(timeIntervalSince1970: 1_790_000_000)

    static func entry(
        _ path: String, _ verdict: PathVerdict = .unexplained, kind: FileKind = .file, size: Int64 = 5,
        modified: Double = -100
    ) -> DriftEntry {
        DriftEntry(
            change: change(path, kind: kind, size: size, modified: modified, changed: nil), verdict: verdict,
            stateClass: .unknown, reason: "because")
    }

    static func change(
        _ path: String, kind: FileKind = .file, size: Int64 = 5, modified: Double = 60, changed: Double? = 60
    ) -> PathChange {
        PathChange(
            path: BytePath(path), change: .added, kind: kind, size: size, mode: 0o644, uid: 0, gid: 0,
            modified: clock.addingTimeInterval(modified), changed: changed.map { clock.addingTimeInterval($0) })
    }

    static func compare(
        _ entries: [DriftEntry], _ after: [PathChange],
        contents: (before: [String: UInt8], after: [String: UInt8]) = ([:], [:]),
        declared: (before: [DeclaredFinding], after: [DeclaredFinding]) = ([], [])
    ) throws -> (comparison: BootComparison, returns: [PathReturn]) {
        func digests(_ bytes: [String: UInt8]) -> [BytePath: [UInt8]] {
            Dictionary(uniqueKeysWithValues: bytes.map { (BytePath($0.key), [UInt8](repeating: $0.value, count: 32)) })
        }
        var comparer = BootComparer(
            BootComparer.Before(clock: clock, contents: digests(contents.before), declared: declared.before),
            after: Observation(
                host: try HostName("h"), observedAt: clock.addingTimeInterval(100), changes: ChangeList(after),
                contents: digests(contents.after)))
        for entry in entries.sorted(by: { $0.change.path < $1.change.path }) { try comparer.take(entry) }
        return try comparer.finish(declared: declared.after)
    }

    @Test func `what is gone after the boot was predicted rightly`() throws {
        let (found, returns) = try Self.compare([Self.entry("/a"), Self.entry("/b")], [])
        #expect(found.undone == 2 && found.precision == 1 && found.recall == 1)
        #expect(returns.isEmpty)
    }

    @Test func `what the boot did not touch was predicted wrongly`() throws {
        let (found, returns) = try Self.compare(
            [Self.entry("/a"), Self.entry("/b")], [Self.change("/b", modified: -100, changed: -50)])
        #expect(found.survived == 1 && found.undone == 1 && found.precision == 0.5)
        #expect(found.survivors == [BytePath("/b")])
        #expect(returns.isEmpty)
    }

    @Test func `what was there before without being named was missed`() throws {
        let (found, _) = try Self.compare([Self.entry("/a")], [Self.change("/old", changed: -1), Self.change("/new")])
        #expect(found.missed == 1 && found.missedPaths == [BytePath("/old")])
        #expect(found.recall == 0.5)
    }

    @Test func `a declared path that the boot lost was missed`() throws {
        let entry = PersistenceEntry(path: "/var/lib/x", mechanism: .bind)
        func finding(_ verdict: DeclaredFinding.Verdict) -> DeclaredFinding {
            DeclaredFinding(entry: entry, verdict: verdict, reason: "because")
        }
        let (lost, _) = try Self.compare([], [], declared: ([finding(.inEffect)], [finding(.leaked)]))
        #expect(lost.missed == 1 && lost.recall == 0)
        let (asBefore, _) = try Self.compare([], [], declared: ([finding(.leaked)], [finding(.leaked)]))
        #expect(asBefore.missed == 0 && asBefore.recall == nil && asBefore.precision == nil)
    }

    @Test func `without the time of a change nothing is claimed of a file that looks the same`() throws {
        let (found, _) = try Self.compare([Self.entry("/a")], [Self.change("/a", modified: -100, changed: nil)])
        #expect(found.undetermined == 1 && found.undone == 0 && found.survived == 0)
    }

    @Test func `what comes back is the same only when its content is known to be`() throws {
        let names = ["/same", "/different", "/unknown", "/grown", "/empty"]
        let entries = names.sorted().map { Self.entry($0, size: $0 == "/empty" ? 0 : 5) }
        let after = names.sorted().map { Self.change($0, size: $0 == "/empty" ? 0 : $0 == "/grown" ? 6 : 5) }
        let (found, returns) = try Self.compare(
            entries, after,
            contents: (["/same": 1, "/different": 1, "/grown": 1], ["/same": 1, "/different": 2, "/grown": 1]))
        #expect(found.undone == 5 && found.returned == 5)
        let outcomes = Dictionary(uniqueKeysWithValues: returns.map { ($0.path.printable, $0.outcome) })
        #expect(
            outcomes == [
                "/same": .same, "/different": .different, "/unknown": .unknown, "/grown": .different, "/empty": .same,
            ])
    }

    @Test func `only paths that nobody accounted for teach anything`() throws {
        let verdicts: [PathVerdict] = [.noise, .accepted, .managed, .leaked, .persisted]
        let entries = verdicts.map { Self.entry("/\($0)", $0) }
        let after = entries.map { Self.change($0.change.path.printable) }
        let (_, returns) = try Self.compare(entries, after.sorted { $0.path < $1.path })
        #expect(returns.isEmpty)
    }
}
