import EbbStore
import FoundationEssentials
import Testing

@testable import EbbModel

@Suite struct DriftHistoryTests {
    @Test func `a path keeps its first sighting until a complete look misses it`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        let boot = try Sample.boot(1)
        let first = try await store.collect(host, at: Sample.start, [Sample.entry("/a")], boot: boot)
        try await store.collect(host, at: Sample.time(60), [Sample.entry("/a", size: 99), Sample.entry("/b")])
        let entries = try await store.driftEntries(of: host)
        #expect(entries.map(\.firstSeen) == [Sample.start, Sample.time(60)])
        #expect(entries.map(\.firstBoot) == [boot, nil])
        #expect(entries.map(\.entry.change.size) == [99, 10])

        try await store.collect(host, at: Sample.time(120), [Sample.entry("/b")])
        let history = try await store.driftHistory(of: host, path: BytePath("/a"))
        let interval = try #require(history.first)
        #expect(history.count == 1)
        #expect(interval.firstObservation == first.value)
        #expect(interval.lastSeen == Sample.time(60))
    }

    @Test func `an incomplete look opens intervals and closes none`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        try await store.collect(host, at: Sample.start, [Sample.entry("/a"), Sample.entry("/b")])
        try await store.collect(host, at: Sample.time(60), [Sample.entry("/b"), Sample.entry("/c")], isComplete: false)
        #expect(try await store.paths(host) == ["/b", "/c"])
        let open = try await store.openDrift(of: host).map(\.entry.change.path.printable)
        #expect(open == ["/a", "/b", "/c"])
        try await store.collect(host, at: Sample.time(120), [Sample.entry("/a")])
        #expect(try await store.paths(host) == ["/a"])
        let closed = try await store.driftHistory(of: host).filter { $0.lastSeen != nil }
        #expect(closed.map(\.entry.change.path.printable) == ["/b", "/c"])
        #expect(closed.map(\.lastSeen) == [Sample.time(60), Sample.time(60)])
        #expect(try await store.driftEntries(of: host).map(\.firstSeen) == [Sample.start])
    }

    @Test func `a new verdict of a path starts a new interval`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        try await store.collect(host, at: Sample.start, [Sample.entry("/a", .unexplained)])
        try await store.collect(host, at: Sample.time(60), [Sample.entry("/a", .accepted)])
        let history = try await store.driftHistory(of: host)
        #expect(history.map(\.entry.verdict) == [.unexplained, .accepted])
        #expect(history.map(\.lastSeen) == [Sample.start, nil])
    }

    @Test func `an identical look adds the same few rows however many paths there are`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        let entries = (0..<3_000).map { Sample.entry("/d/\($0)") }
        try await store.collect(host, at: Sample.start, entries.shuffled())
        let before = try await store.rowCount()
        try await store.collect(host, at: Sample.time(60), entries.reversed())
        let after = try await store.rowCount()
        #expect(after - before <= 6)
        let latest = try #require(try await store.latestJudgement(of: host))
        #expect(latest.judgement?.counts.count(of: .unexplained) == 3_000)
        #expect(try await store.driftEntries(of: host).allSatisfy { $0.firstSeen == Sample.start })
    }

    @Test func `paths that are no text and repeated entries are stored as they are`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        let odd: [[UInt8]] = [
            [0x2F, 0xFF, 0xFE], Array("/new\nline".utf8), Array("/'); DROP TABLE host;--".utf8),
            [0x2F] + [UInt8](repeating: 0x61, count: 4_095), [0x2F, 0x5C, 0x22, 0x01],
        ]
        let entries = (odd + odd).map { bytes in
            DriftEntry(
                change: PathChange(
                    path: BytePath(bytes: bytes), change: .renamed, kind: .symlink, linkTarget: BytePath(bytes: bytes),
                    renamedFrom: BytePath(bytes: bytes)), verdict: .leaked, stateClass: .secret,
                reason: "r\u{0}'\u{7}s", suggestion: "")
        }
        try await store.collect(host, at: Sample.start, entries)
        let stored = try await store.driftEntries(of: host).map(\.entry)
        #expect(Set(stored.map(\.change)) == Set(entries.map(\.change)))
        #expect(stored.count == odd.count)
        #expect(stored.allSatisfy { $0.reason == "r'\u{7}s" && $0.suggestion == "" })
        #expect(try await store.verifyChain().isIntact)
    }

    @Test func `entries out of order are refused`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        let id = try await store.recordEvidence(host: host, at: Sample.start, parts: [], toolVersion: "0.1.0")
        try await store.recordObservation(id, Observation(host: host, observedAt: Sample.start))
        let error = await #expect(throws: StoreError.self) {
            try await store.recordDrift(id, entries: [Sample.entry("/b"), Sample.entry("/a")], declared: [])
        }
        #expect(error?.code == .refused)
    }

    @Test func `an older observation is not judged after a newer one`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        let old = try await store.recordEvidence(host: host, at: Sample.start, parts: [], toolVersion: "0.1.0")
        try await store.recordObservation(old, Observation(host: host, observedAt: Sample.start))
        try await store.collect(host, at: Sample.time(60), [])
        let error = await #expect(throws: StoreError.self) {
            try await store.recordDrift(old, entries: [], declared: [])
        }
        #expect(error?.code == .outOfOrder)
    }

    @Test func `random looks leave exactly what a plain model says`() async throws {
        for seed in UInt64(1)...30 {
            var random = SeededGenerator(state: seed)
            let store = try Store.inMemory()
            let host = try Sample.host()
            var open: [DriftModel.Key: Int] = [:]
            var model = DriftModel()
            for look in 1...12 {
                let isComplete = Int.random(in: 0..<4, using: &random) > 0
                let entries = DriftModel.randomEntries(using: &random)
                try await store.collect(host, at: Sample.time(Double(look)), entries, isComplete: isComplete)
                model.look(entries, isComplete: isComplete, number: look)
                open = model.open
                let stored = try await store.openDrift(of: host)
                let found = Dictionary(
                    uniqueKeysWithValues: stored.map {
                        (DriftModel.key($0.entry), Int($0.firstSeen.timeIntervalSince(Sample.start).rounded()))
                    })
                #expect(found == open, "seed \(seed), look \(look)")
                let named = try await store.driftEntries(of: host).map(\.entry)
                #expect(Set(named) == Set(entries), "seed \(seed), look \(look)")
            }
            let closed = try await store.driftHistory(of: host).filter { $0.lastSeen != nil }
            #expect(closed.count == model.closed, "seed \(seed)")
            #expect(try await store.verifyChain().faults == [], "seed \(seed)")
        }
    }
}

/// The rules of drift history in their plainest form.
struct DriftModel {
    /// All that makes two entries the same one.
    typealias Key = [String]

    static func key(_ entry: DriftEntry) -> Key {
        let change = entry.change
        return ["\(change.path.bytes)", change.change.rawValue, change.kind.rawValue, entry.verdict.rawValue]
    }

    var open: [Key: Int] = [:]
    var closed = 0

    mutating func look(_ entries: [DriftEntry], isComplete: Bool, number: Int) {
        let seen = Set(entries.map(Self.key))
        if isComplete {
            closed += open.keys.filter { !seen.contains($0) }.count
            open = open.filter { seen.contains($0.key) }
        }
        for key in seen where open[key] == nil { open[key] = number }
    }

    static func randomEntries(using random: inout SeededGenerator) -> [DriftEntry] {
        var entries: [Key: DriftEntry] = [:]
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            let entry = Sample.entry(
                "/\(Int.random(in: 0..<4, using: &random))", Bool.random(using: &random) ? .unexplained : .leaked,
                change: Bool.random(using: &random) ? .added : .modified, size: Int64.random(in: 0..<2, using: &random))
            entries[Self.key(entry)] = entry
        }
        return Array(entries.values)
    }
}
