import EbbModel
import FoundationEssentials
import GRDB
import Testing

@testable import EbbStore

@Suite struct StoreCareTests {
    private func raw(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func `pruning keeps what verdicts rest on, and the chain verifies after it`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        for look in 0..<6 {
            try await store.collect(
                host, at: Sample.time(Double(look) * 100),
                [Sample.entry("/stays"), Sample.entry("/look\(look)", .managed)], isComplete: look != 5,
                raw: raw("look \(look)"))
        }
        let (old, new) = (try Sample.boot(1), try Sample.boot(2))
        let parts = [EvidencePart(name: "proof", bytes: raw("proof of an old boot"))]
        try await store.recordBootVerdict(host: host, old, Sample.proven, at: Sample.time(10), parts: parts)
        let open = BootVerdict(erasure: .unknown, retention: .unknown, reasons: [])
        try await store.recordBootVerdict(
            host: host, new, open, at: Sample.time(20),
            parts: [EvidencePart(name: "proof", bytes: raw("nothing was seen"))])
        let before = try await store.complianceFacts(for: host)
        let report = try await store.prune(before: Sample.time(10_000))
        // Kept: the look that first saw /stays, the newest complete one, the newest of all.
        #expect(report.parts == 3)
        #expect(report.intervals == 4)
        #expect(try await store.complianceFacts(for: host) == before)
        let chain = try await store.verifyChain()
        #expect(chain.faults == [])
        #expect(chain.prunedParts == 3)
        let kept = try await store.history(of: host)
        var texts: [String?] = []
        for observation in kept.reversed() {
            let parts = try await store.evidenceParts(observation.evidence)
            texts.append(parts.first?.bytes.map { String(decoding: $0, as: UTF8.self) })
        }
        #expect(texts == ["look 0", nil, nil, nil, "look 4", "look 5"])
        #expect(try await store.prune(before: Sample.time(10_000)).parts == 0)
    }

    @Test func `a backup is a whole database, taken while another one writes`() async throws {
        try await withScratchDirectory { scratch in
            let store = try Store.open(scratch + "/ebb.sqlite")
            let host = try Sample.host()
            try await store.collect(host, at: Sample.start, [Sample.entry("/a")])
            let copy = scratch + "/copy.sqlite"
            async let writing: Void = {
                for look in 1...20 {
                    try await store.collect(host, at: Sample.time(Double(look)), [Sample.entry("/\(look)")])
                }
            }()
            try await store.backup(to: copy)
            try await store.backup(to: copy)
            try await writing
            let attributes = try FileManager.default.attributesOfItem(atPath: copy)
            #expect("\(attributes[.posixPermissions] ?? "none")" == String(0o600))
            let restored = try Store.open(copy)
            #expect(try await restored.verifyChain().faults == [])
            #expect(try await restored.check().problems == [])
            #expect(try await !restored.paths(host).isEmpty)
            #expect(!FileManager.default.fileExists(atPath: copy + ".partial"))
        }
    }

    @Test func `a backup that cannot be written leaves nothing and says so`() async throws {
        let store = try Store.inMemory()
        let error = await #expect(throws: StoreError.self) { try await store.backup(to: "/proc/ebb/copy.sqlite") }
        #expect(error?.code == .cannotOpen)
    }

    @Test func `a damaged page is found`() async throws {
        try await withScratchDirectory { scratch in
            let path = scratch + "/ebb.sqlite"
            let store = try Store.open(path)
            let entries = (0..<2_000).map { Sample.entry("/path/\($0)") }
            try await store.collect(Sample.host(), at: Sample.start, entries)
            let copy = scratch + "/copy.sqlite"
            try await store.backup(to: copy)
            #expect(try await Store.open(copy).check().problems == [])
            var bytes = Array(try Data(contentsOf: URL(filePath: copy)))
            let page = bytes.count / 2 / 4_096 * 4_096
            for offset in page..<page + 4_096 { bytes[offset] = 0x5A }
            try Data(bytes).write(to: URL(filePath: copy))
            do { #expect(try await !Store.open(copy).check().problems.isEmpty) } catch let error as StoreError {
                #expect(error.code == .corrupt && error.message.contains(copy))
            }
        }
    }

    @Test func `the trend counts each host once a day, and forgets old numbers`() async throws {
        let store = try Store.inMemory()
        let day = 86_400.0
        let base = Date(timeIntervalSince1970: 20_000 * day)
        let (a, b) = (try HostName("a"), try HostName("b"))
        try await store.collect(a, at: base, [Sample.entry("/1")])
        try await store.collect(a, at: base.addingTimeInterval(60), [Sample.entry("/1"), Sample.entry("/2")])
        try await store.collect(b, at: base.addingTimeInterval(day), [Sample.entry("/l", .leaked)])
        try await store.collect(a, at: base.addingTimeInterval(2 * day), [])
        let trend = try await store.driftTrend(for: [a, b], from: base, to: base.addingTimeInterval(9 * day))
        #expect(trend.map(\.unexplained) == [2, 2, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(trend.map(\.leaked) == [0, 1, 1, 1, 1, 1, 1, 1, 1, 0])
    }
}
