import EbbStore
import FoundationEssentials
import Synchronization
import Testing

@testable import EbbDashboard
@testable import EbbModel

struct FleetReaderTests {
    /// A clock that stands until it is set.
    final class Clock: Sendable {
        private let time = Mutex(SampleFleet.now)

        var now: Date { time.withLock { $0 } }

        func pass(_ seconds: Double) { time.withLock { $0 += seconds } }
    }

    private func reader(_ store: Store, _ clock: Clock, quick: Double) -> FleetReader {
        FleetReader(store: store, fleet: [], limits: .init(quick: quick), now: { clock.now })
    }

    private func look(_ store: Store, _ host: String, at: Date) async throws {
        _ = try await store.recordEvidence(host: try HostName(host), at: at, parts: [], toolVersion: "0.1.0")
    }

    @Test func `a fleet that is read quickly is never shown as it was before`() async throws {
        let (store, clock) = (try Store.inMemory(), Clock())
        let reader = reader(store, clock, quick: 3_600)
        #expect(try await reader.snapshot().hosts.isEmpty)
        try await look(store, "web1", at: clock.now)
        // Within the patience nothing is read again.
        #expect(try await reader.snapshot().hosts.isEmpty)
        clock.pass(4)
        #expect(try await reader.snapshot().hosts.count == 1)
    }

    @Test func `a slow fleet is read behind its pages, and none is older than the limit`() async throws {
        let (store, clock) = (try Store.inMemory(), Clock())
        let reader = reader(store, clock, quick: 0)
        #expect(try await reader.snapshot().hosts.isEmpty)
        try await look(store, "web1", at: clock.now)
        clock.pass(10)
        let before = try await reader.snapshot()
        #expect(before.hosts.isEmpty && clock.now.timeIntervalSince(before.readAt) == 10)
        // What that page set going arrives by itself.
        while try await reader.snapshot().hosts.isEmpty { await Task.yield() }
        #expect(try await reader.snapshot().readAt == clock.now)
        try await look(store, "web2", at: clock.now)
        clock.pass(31)
        #expect(try await reader.snapshot().hosts.count == 2)
    }

    @Test func `a new inventory counts at once`() async throws {
        let (store, clock) = (try Store.inMemory(), Clock())
        let reader = reader(store, clock, quick: 0)
        #expect(try await reader.snapshot().hosts.isEmpty)
        let host = try HostName("web1")
        let settings = HostSettings(
            host: host, groups: [], connection: ConnectionSettings(host: host, address: "192.0.2.1"))
        await reader.use([settings])
        #expect(try await reader.snapshot().hosts.map(\.name) == [host])
    }

    @Test func `stored drift is judged by the acceptances of today, and a silent host keeps what was known`()
        async throws
    {
        let (store, clock) = (try Store.inMemory(), Clock())
        let host = try HostName("web1")
        let acceptance = Acceptance(path: "/data/**", reason: "r", by: "ops")
        func observe(_ entries: [DriftEntry], gaps: [ProbeGap] = []) async throws {
            let id = try await store.recordEvidence(host: host, at: clock.now, parts: [], toolVersion: "0.1.0")
            let seen = Observation(host: host, observedAt: clock.now, facts: HostFacts(), gaps: gaps)
            try await store.recordObservation(id, seen)
            try await store.recordDrift(id, entries: entries, declared: [])
        }
        let change = PathChange(path: BytePath("/data/a"), change: .added, kind: .file, size: 18)
        try await observe([
            DriftEntry(change: change, verdict: .accepted, stateClass: .unknown, reason: acceptance.words)
        ])
        var settings = HostSettings(host: host, connection: ConnectionSettings(host: host, address: "h"))
        settings.accept = [acceptance]
        let reader = FleetReader(store: store, fleet: [settings], now: { clock.now })
        #expect(try await reader.snapshot().hosts[0].facts.count(of: .unexplained) == 0)
        #expect(try await HostRecord(of: host, in: store, accepted: [acceptance], now: clock.now).drift.isEmpty)
        settings.accept = []
        await reader.use([settings])
        clock.pass(7_200)
        try await observe([], gaps: [ProbeGap(probe: "connect", reason: .unreachable)])
        let shown = try await reader.snapshot().hosts[0]
        #expect(shown.facts.count(of: .unexplained) == 1 && shown.facts.bytesAtRisk == 18)
        let record = try await HostRecord(of: host, in: store, accepted: [], now: clock.now)
        #expect(record.drift.map(\.entry.verdict) == [.unexplained])
        let page = "\(HostPage(host: shown, record: record, now: clock.now).markup)"
        #expect(page.contains("/data/a") && page.contains("This is what was known of it last"))
    }
}
