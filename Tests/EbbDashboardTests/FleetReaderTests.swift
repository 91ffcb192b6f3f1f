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
}
