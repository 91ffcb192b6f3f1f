import FoundationEssentials
import GRDB
import Testing

@testable import EbbModel
@testable import EbbStore

@Suite struct EvidenceChainTests {
    /// A store with every kind of evidence in it.
    private func filled() async throws -> Store {
        let store = try Store.inMemory()
        let host = try Sample.host()
        let (old, new) = (try Sample.boot(1), try Sample.boot(2))
        try await store.collect(host, at: Sample.start, [Sample.entry("/a")], boot: old)
        let rollout = try await store.beginRollout(
            pattern: "all", plan: "{}", planHash: "00", controller: Sample.controller,
            hosts: [RolloutHost(host: host, wave: 0)], at: Sample.time(10))
        let attempt = try #require(try await store.attempts(of: rollout).first).id
        try await store.driveToProof(attempt, from: old, to: new, at: Sample.time(20))
        try await store.finishRollout(rollout, state: .finished, at: Sample.time(90))
        try await store.collect(host, at: Sample.time(100), [Sample.entry("/b")], boot: new)
        return store
    }

    @Test func `untouched evidence is intact and its head is stable`() async throws {
        let store = try await filled()
        let report = try await store.verifyChain()
        let head = try await store.chainHead()
        #expect(report.faults == [])
        #expect(report.head == head.hash)
        #expect(report.length == head.length)
        #expect(head.hash.count == 64)
        #expect(try await store.verifyChain(expecting: head).isIntact)
    }

    @Test func `every later edit is found, and the first row it touches is named`() async throws {
        let drop = """
            DROP TRIGGER evidenceIsNeverChanged; DROP TRIGGER evidenceIsNeverRemoved;
            PRAGMA foreign_keys = OFF;
            """
        let edits: [(sql: String, first: Int64?)] = [
            ("UPDATE evidence SET detail = '{}' WHERE id = 3", 3),
            ("UPDATE evidence SET recordedAt = recordedAt + 1 WHERE id = 5", 5),
            ("UPDATE evidence SET bootID = NULL WHERE id = 1", 1), ("UPDATE host SET name = 'somebody-else'", 1),
            ("UPDATE evidencePart SET originalSize = 1 WHERE evidenceID = 1", 1),
            ("UPDATE evidencePart SET name = 'other' WHERE evidenceID = 1", 1),
            ("DELETE FROM evidencePart WHERE evidenceID = 1", 1), ("DELETE FROM evidence WHERE id = 4", 5),
            ("UPDATE evidence SET hash = zeroblob(32) WHERE id = 2", 2),
            ("UPDATE content SET codec = 'raw', size = 3, bytes = x'626164'", nil),
            ("UPDATE driftOpen SET verdict = 'accepted'", nil), ("UPDATE driftOpen SET path = x'2f63'", nil),
            ("DELETE FROM driftOpen", nil), ("UPDATE observation SET observedAt = observedAt + 60000 WHERE id = 1", 2),
            ("UPDATE observation SET bootID = NULL WHERE id = 1", 2),
            ("UPDATE observation SET counts = '{\"paths\":{},\"bytes\":{}}' WHERE id = 1", 2),
            ("UPDATE attempt SET state = 'failed', reason = 'x'", nil),
            ("UPDATE attemptEvent SET state = 'skipped' WHERE id = 1", nil),
            ("UPDATE boot SET retention = 'leaked' WHERE erasure IS NOT NULL", nil),
        ]
        for edit in edits {
            let store = try await filled()
            try await store.database.writeWithoutTransaction { db in
                try db.execute(sql: drop)
                try db.execute(sql: edit.sql)
            }
            let report = try await store.verifyChain()
            let first = try #require(report.faults.first, "not found: \(edit.sql)")
            if let expected = edit.first { #expect(first.evidence.value == expected, "\(edit.sql): \(first.message)") }
        }
    }

    @Test func `a damaged cell is named with all others, and ends no walk`() async throws {
        let store = try await filled()
        try await store.collect(try Sample.host("other"), at: Sample.time(200), [Sample.entry("/x")])
        let judged = try await store.read {
            try Int64.fetchAll($0, sql: "SELECT judgementID FROM observation ORDER BY id")
        }
        let damages: [(sql: String, rows: [Int64])] = [
            ("UPDATE observation SET counts = '[]'", judged),
            ("UPDATE observation SET counts = '{}', kind = 'x', gaps = 'x'", judged),
            ("UPDATE driftOpen SET verdict = 'x'", Array(judged.dropFirst())),
            ("UPDATE driftOpen SET class = 'x'", Array(judged.dropFirst())), ("DELETE FROM host", judged),
            ("UPDATE content SET codec = 'x'", []),
            ("UPDATE boot SET verdictReasons = '{}' WHERE erasure IS NOT NULL", []),
        ]
        for damage in damages {
            let damaged = try await filled()
            try await damaged.collect(try Sample.host("other"), at: Sample.time(200), [Sample.entry("/x")])
            try await damaged.database.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON")
                try db.execute(sql: damage.sql)
            }
            let named = Set(try await damaged.verifyChain().faults.map(\.evidence.value))
            #expect(!named.isEmpty, "\(damage.sql)")
            #expect(named.isSuperset(of: damage.rows), "\(damage.sql): \(named)")
        }
    }

    @Test func `evidence refuses to be changed or removed`() async throws {
        let store = try await filled()
        for sql in ["UPDATE evidence SET detail = '{}'", "DELETE FROM evidence"] {
            await #expect(throws: StoreError.self) { try await store.write { try $0.execute(sql: sql) } }
        }
    }

    @Test func `a chain that was cut short or written anew shows by an older head`() async throws {
        let store = try await filled()
        let head = try await store.chainHead()
        let longer = ChainHead(length: head.length + 1, hash: head.hash)
        #expect(try await !store.verifyChain(expecting: longer).isIntact)
        let other = ChainHead(length: 1, hash: head.hash)
        let report = try await store.verifyChain(expecting: other)
        #expect(report.faults.map(\.evidence.value) == [1])
        let empty = try Store.inMemory()
        let none = try await empty.chainHead()
        #expect(none == ChainHead(length: 0, hash: String(repeating: "0", count: 64)))
        #expect(try await store.verifyChain(expecting: none).isIntact)
    }

    @Test func `raw output comes back whole, repeated output is stored once`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        let noise = (0..<5_000).map { _ in UInt8.random(in: 0...255) }
        let text = Array(String(repeating: "A /var/lib/x\n", count: 10_000).utf8)
        for round in 0..<3 {
            let id = try await store.recordEvidence(
                host: host, at: Sample.time(Double(round)),
                parts: [
                    EvidencePart(name: "drift", bytes: text),
                    EvidencePart(name: "facts", bytes: noise + [UInt8(round)]), EvidencePart(name: "stderr", bytes: []),
                ], toolVersion: "0.1.0")
            let evidence = try await store.observation(id).evidence
            let parts = try await store.evidenceParts(evidence)
            #expect(parts.map(\.name) == ["drift", "facts", "stderr"])
            #expect(parts.map(\.bytes) == [text, noise + [UInt8(round)], []])
            #expect(parts.map(\.originalSize) == [text.count, noise.count + 1, 0])
        }
        let contents = try await store.database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM content") }
        #expect(contents == 5)
    }

    @Test func `evidence that was never judged can be found and judged later`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        let id = try await store.recordEvidence(host: host, at: Sample.start, parts: [], toolVersion: "0.1.0")
        #expect(try await store.history(of: host).map(\.id) == [id])
        #expect(try await store.latestObservation(of: host) == nil)
        let gap = ProbeGap(probe: "connect", reason: .unreachable, message: "timed out")
        try await store.recordObservation(id, Observation(host: host, observedAt: Sample.start, gaps: [gap]))
        let stored = try #require(try await store.latestObservation(of: host))
        #expect(stored.observation?.isReachable == false)
        #expect(stored.observation?.isComplete == false)
        #expect(stored.observation?.gaps == [gap])
        #expect(stored.judgement == nil)
    }
}
