import EbbStore
import FoundationEssentials
import Testing

@testable import EbbModel

@Suite struct PredictionTests {
    /// Boot `number`, its proof, what came back in it, and its verdict.
    private func prove(
        _ store: Store, boot number: Int, _ outcomes: [String: PathReturn.Outcome], signature: String = "s",
        erasure: BootVerdict.Erasure = .erased, isProof: Bool = true
    ) async throws {
        let host = try Sample.host()
        let boot = try Sample.boot(number)
        let at = Sample.time(Double(number) * 1_000)
        let before = try await store.collect(host, at: at, [], boot: try Sample.boot(number + 1_000))
        let after = try await store.collect(host, at: at.addingTimeInterval(60), [], boot: boot)
        try await store.recordComparison(
            host: host, boot, predictedBy: before, foundBy: after, BootComparison(),
            returns: outcomes.map { PathReturn(path: BytePath($0.key), outcome: $0.value, signature: signature) },
            isProof: isProof)
        try await store.recordBootVerdict(
            host: host, boot, BootVerdict(erasure: erasure, retention: .kept, reasons: []), at: at)
    }

    private func learned(_ store: Store, boots: Int = 2) async throws -> LearnedPaths {
        try await store.learnedPaths(of: Sample.host(), boots: boots)
    }

    @Test func `a path is regenerated after it came back the same in enough boots in a row`() async throws {
        let store = try Store.inMemory()
        #expect(try await learned(store) == LearnedPaths())
        try await prove(store, boot: 1, ["/a": .same, "/b": .same, "/c": .different])
        #expect(try await learned(store).regenerated.isEmpty)
        #expect(try await learned(store).reset == [BytePath("/c")])
        try await prove(store, boot: 2, ["/a": .same, "/b": .different, "/c": .unknown])
        #expect(try await learned(store).regenerated == [BytePath("/a"): "s"])
        #expect(try await learned(store).reset == [BytePath("/b")])
        // It did not come back once: that is the end of it.
        try await prove(store, boot: 3, ["/b": .same])
        #expect(try await learned(store).regenerated.isEmpty)
        #expect(try await learned(store, boots: 1).regenerated == [BytePath("/b"): "s"])
    }

    @Test func `a boot that did not erase, or was not looked at at once, teaches nothing`() async throws {
        let store = try Store.inMemory()
        try await prove(store, boot: 1, ["/a": .same])
        try await prove(store, boot: 2, ["/a": .same], erasure: .notErased)
        try await prove(store, boot: 3, ["/a": .same], erasure: .unknown)
        try await prove(store, boot: 4, ["/a": .same], isProof: false)
        #expect(try await learned(store).regenerated.isEmpty)
        try await prove(store, boot: 5, ["/a": .same])
        #expect(try await learned(store).regenerated == [BytePath("/a"): "s"])
        try await prove(store, boot: 6, ["/a": .same], signature: "other")
        #expect(try await learned(store).regenerated.isEmpty)
    }

    @Test func `a prediction is what the last whole look before the boot said, and is asked once`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        let (old, new) = (try Sample.boot(1), try Sample.boot(2))
        #expect(try await store.prediction(for: host, before: new)?.observation == nil)
        let whole = try await store.collect(host, at: Sample.start, [Sample.entry("/a")], boot: old)
        try await store.collect(host, at: Sample.time(10), [Sample.entry("/b")], isComplete: false, boot: old)
        #expect(try await store.prediction(for: host, before: old)?.observation == nil)
        let prediction = try #require(try await store.prediction(for: host, before: new))
        #expect(prediction.observation == whole)
        let open = try await store.openDrift(of: host, limit: 2_000)
        #expect(open.map(\.entry.change.path.printable) == ["/a", "/b"])
        #expect(try await store.openDrift(of: host, after: open.last, limit: 2_000).isEmpty)
        let found = try await store.collect(host, at: Sample.time(20), [], boot: new)
        var comparison = BootComparison()
        comparison.undone = 2
        comparison.missedPaths = [BytePath(bytes: [0x2F, 0xFF])]
        try await store.recordComparison(
            host: host, new, predictedBy: whole, foundBy: found, comparison, returns: [], isProof: true)
        #expect(try await store.comparisons(of: host) == [new: comparison])
        #expect(try await store.prediction(for: host, before: new)?.observation == nil)
    }

    @Test func `digests are those of the newest whole look`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        let path = BytePath("/a")
        for (number, isComplete) in [(UInt8(1), true), (2, true), (3, false)] {
            let id = try await store.recordEvidence(
                host: host, at: Sample.time(Double(number)), parts: [], toolVersion: "1")
            try await store.recordObservation(
                id,
                Observation(
                    host: host, observedAt: Sample.time(Double(number)), facts: HostFacts(bootID: try Sample.boot(1)),
                    gaps: isComplete ? [] : [ProbeGap(probe: "drift", reason: .complained)]))
            try await store.recordDrift(
                id, entries: [Sample.entry("/a")], declared: [], contents: [path: [UInt8](repeating: number, count: 32)]
            )
        }
        let prediction = try await store.prediction(for: host, before: Sample.boot(2))
        #expect(prediction?.contents == [path: [UInt8](repeating: 2, count: 32)])
    }
}
