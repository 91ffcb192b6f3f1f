import EbbPlan
import FoundationEssentials
import Testing

@testable import EbbModel

struct RebootGateTests {
    @Test func `a stop flag holds for its scope until it expires`() throws {
        let now = try at("2027-01-01T12:00:00Z")
        let fleet = [try host("db1", groups: ["db"]), try host("web1", groups: ["web"])]
        func blocked(_ scope: StopFlag.Scope, expires: Date?) -> [String: String] {
            let flag = StopFlag(
                scope: scope, reason: "raid rebuild\u{1B}[2J", author: "kim", setAt: now, expiresAt: expires)
            let gate = RebootGate(now: now, fleet: fleet, flags: [flag])
            return Dictionary(uniqueKeysWithValues: gate.blocked(fleet).map { ($0.key.text, $0.value) })
        }
        let later = now.addingTimeInterval(60)
        #expect(Set(blocked(.fleet, expires: nil).keys) == ["db1", "web1"])
        #expect(
            blocked(.group("db"), expires: later) == [
                "db1": "its group db is stopped by kim until 2027-01-01 12:01 UTC: " + "raid rebuild\\x1b[2J"
            ])
        #expect(Set(blocked(.host(try HostName("web1")), expires: nil).keys) == ["web1"])
        #expect(blocked(.fleet, expires: now).isEmpty)
    }

    @Test func `each host is withheld with every reason that it has`() throws {
        let now = try at("2027-01-01T12:00:00Z")
        let sunday = try window("FREQ=WEEKLY;BYDAY=SU", "02:00", hours: 4, "Europe/Berlin")
        let quorum = [QuorumSettings(set: "etcd", healthy: 2)]
        let fleet = [
            try host("etcd1", RebootSettings(windows: [sunday], quorum: quorum)),
            try host("etcd2", RebootSettings(quorum: quorum)), try host("etcd3", RebootSettings(quorum: quorum)),
            try host("free"),
            try host(
                "typo",
                RebootSettings(windows: [
                    WindowSettings(
                        recurrence: sunday.recurrence, start: sunday.start, duration: 3_600, timezone: "Europe/Berln")
                ])),
        ]
        let gate = RebootGate(now: now, fleet: fleet, unavailable: [fleet[1].host])
        let blocked = gate.blocked(fleet)
        #expect(
            blocked[fleet[0].host] == "its window is closed; it opens at 2027-01-03 01:00 UTC; "
                + "etcd needs 2 of 3 members well, and without this host only 1 are known to be")
        // The one that is down already may be rebooted: the others are well.
        #expect(blocked[fleet[1].host] == nil)
        #expect(blocked[fleet[3].host] == nil)
        #expect(blocked[fleet[4].host]?.contains("cannot be understood") == true)
    }

    @Test func `a set that cannot spare a member never lets one go`() throws {
        let quorum = [QuorumSettings(set: "pair", healthy: 2)]
        let fleet = [try host("a", RebootSettings(quorum: quorum)), try host("b", RebootSettings(quorum: quorum))]
        #expect(RebootGate(now: .distantPast, fleet: fleet).blocked(fleet).count == 2)
        #expect(QuorumSet.sets(of: fleet).map(\.spare) == [0])
    }

    @Test func `five thousand hosts with one window are answered from one calendar`() throws {
        let sunday = try window("FREQ=WEEKLY;BYDAY=SU", "02:00", hours: 4, "Europe/Berlin")
        let fleet = try (0..<5_000).map { try host("h\($0)", RebootSettings(windows: [sunday])) }
        let gate = RebootGate(now: try at("2027-01-01T00:00:00Z"), fleet: fleet)
        #expect(gate.blocked(fleet).count == 5_000)
    }
}
