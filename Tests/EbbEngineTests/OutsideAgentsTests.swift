import EbbModel
import EbbStore
import FoundationEssentials
import Testing

@testable import EbbEngine

/// Slots that agents outside Ebb hold.
struct OutsideAgentsTests {
    @Test func `agents outside Ebb and hosts that are not well draw from one budget`()
        async throws
    {
        let fleet = try ["a", "b", "c"].map { name in
            let host = try HostName(name)
            return HostSettings(
                host: host, groups: ["web"],
                connection: ConnectionSettings(host: host, address: "192.0.2.1"),
                reboot: RebootSettings(maxUnavailable: .hosts(2)))
        }
        let store = try Store.inMemory()
        try await store.changeLock(of: "web") { _ in
            (.acquire(id: "agent", since: Date(timeIntervalSince1970: 0)), ())
        }
        let holder = try #require(try await store.lockHolders()["web"]?.first)
        func reason(_ group: String, _ unwell: Set<HostName>) -> String? {
            OutsideAgents(holders: [group: [holder]], all: fleet, unavailable: unwell)
                .reason(toWithhold: fleet[0])
        }
        #expect(reason("web", []) == nil)
        #expect(reason("db", [fleet[1].host]) == nil)
        let words = "an agent outside Ebb holds a slot of web: agent, since 1970-01-01T00:00:00Z"
        #expect(reason("web", [fleet[1].host]) == words)
        // The host itself, being unwell, takes no second slot.
        #expect(reason("web", [fleet[0].host]) == nil)
    }
}
