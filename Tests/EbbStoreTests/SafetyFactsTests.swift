import EbbStore
import FoundationEssentials
import Testing

@testable import EbbModel

@Suite struct SafetyFactsTests {
    private func look(
        _ store: Store, _ host: HostName, at: Double, blank: String?, snapshots: [SafeDataset]? = nil,
        eraseGuard: EraseGuard? = nil, state: BlankState? = nil
    ) async throws {
        let id = try await store.recordEvidence(
            host: host, at: Sample.time(at), parts: [EvidencePart(name: "facts", bytes: Array("at \(at)".utf8))],
            toolVersion: "0.1.0")
        try await store.recordObservation(
            id,
            Observation(
                host: host, observedAt: Sample.time(at),
                facts: HostFacts(blank: blank, blankState: state, safeSnapshots: snapshots, eraseGuard: eraseGuard),
                strategy: .zfs, gaps: []))
        try await store.recordDrift(id, entries: [], declared: [])
    }

    @Test func `blank, snapshots and erase guard of the newest look are what is judged`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        let old = [SafeDataset(name: "rpool/safe", newest: nil)]
        let new = [SafeDataset(name: "rpool/safe", newest: Sample.time(90))]
        let changed = BlankState(generation: 9, changed: "/etc/x")
        try await look(store, host, at: 0, blank: "1", snapshots: old, eraseGuard: .failsOpen)
        try await look(store, host, at: 100, blank: "2", snapshots: new, eraseGuard: .failsClosed, state: changed)
        let now = try await store.complianceFacts(for: host)
        #expect(now.blanks.map(\.identity) == ["2", "1"])
        #expect(now.safeSnapshots == new)
        #expect(now.eraseGuard == .failsClosed)
        #expect(now.blankState == changed)
        let then = try await store.complianceFacts(for: host, asOf: Sample.time(50))
        #expect(then.blanks.map(\.identity) == ["1"])
        #expect(then.safeSnapshots == old)
        #expect(then.eraseGuard == .failsOpen)
        #expect(then.blankState == nil)
    }

    @Test func `what was seen later is not known earlier, not even by its last sighting`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        for at in [0.0, 100, 200] { try await look(store, host, at: at, blank: "1") }
        let then = try await store.complianceFacts(for: host, asOf: Sample.time(150))
        #expect(then.blanks.map(\.lastSeen) == [Sample.time(150)])
    }

    @Test func `stop flags are known as they held at the time, with their rows of the chain`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        func flag(_ scope: StopFlag.Scope, _ at: Double, until: Double? = nil) -> StopFlag {
            StopFlag(
                scope: scope, reason: "audit", author: "ops", setAt: Sample.time(at),
                expiresAt: until.map { Sample.time($0) })
        }
        let first = try await store.setStopFlag(flag(.fleet, 0))
        try await store.setStopFlag(flag(.host(host), 10, until: 100))
        try await store.liftStopFlag(first, author: "ops", at: Sample.time(50))
        for (time, expected) in [(5.0, 1), (20, 2), (60, 1), (100, 0)] {
            let facts = try await store.complianceFacts(for: host, asOf: Sample.time(time))
            #expect(facts.stops.count == expected, "\(time)")
            #expect(facts.stops.allSatisfy { $0.evidence != nil })
        }
    }

    @Test func `a time before which the database was pruned is refused, not guessed`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        for at in 0..<4 {
            try await store.collect(host, at: Sample.time(Double(at) * 100), at < 2 ? [Sample.entry("/gone")] : [])
        }
        _ = try await store.prune(before: Sample.time(250))
        let error = await #expect(throws: StoreError.self) {
            try await store.complianceFacts(for: host, asOf: Sample.time(150))
        }
        #expect(error?.code == .notFound)
        #expect(error?.message.contains("pruned") == true)
        _ = try await store.complianceFacts(for: host, asOf: Sample.time(250))
        _ = try await store.complianceFacts(for: host)
    }
}
