import EbbModel
import EbbStore
import FoundationEssentials
import Testing

@Suite struct HostHistoryTests {
    @Test func `a boot that nobody ordered is noticed once`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        for (number, at) in [(1, 0.0), (1, 60), (2, 120)] {
            try await store.collect(host, at: Sample.time(at), [], boot: try Sample.boot(number))
        }
        let boots = try await store.boots(of: host)
        #expect(boots.map(\.bootID) == [try Sample.boot(2), try Sample.boot(1)])
        #expect(boots[1].firstSeen == Sample.start)
        #expect(boots[1].lastSeen == Sample.time(60))
        #expect(boots.allSatisfy { $0.attempt == nil && $0.verdict == nil })
    }

    @Test func `a persistence set is stored when it changes`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        let one = PersistenceEntry(path: "/etc/a", mechanism: .bind)
        let two = PersistenceEntry(path: "/etc/b", mechanism: .symlink)
        try await store.recordPersistenceSet(host: host, [one, two], from: Sample.start)
        try await store.recordPersistenceSet(host: host, [two, one], from: Sample.time(60))
        try await store.recordPersistenceSet(host: host, [one], from: Sample.time(120))
        let sets = try await store.persistenceSets(of: host)
        #expect(sets.map(\.entries) == [[one], [one, two]])
        #expect(sets.map(\.from) == [Sample.time(120), Sample.start])
        #expect(sets.map(\.to) == [nil, Sample.time(120)])
    }

    @Test func `identities keep their first and last sighting`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        try await store.recordIdentity(host: host, .hostKey, "ssh-ed25519 A", at: Sample.start)
        try await store.recordIdentity(host: host, .hostKey, "ssh-ed25519 A", at: Sample.time(9))
        try await store.recordIdentity(host: host, .hostKey, "ssh-ed25519 B", at: Sample.time(20))
        let keys = try await store.identities(of: host, .hostKey)
        #expect(keys.map(\.value) == ["ssh-ed25519 B", "ssh-ed25519 A"])
        #expect(keys.map(\.lastSeen) == [Sample.time(20), Sample.time(9)])
        #expect(try await store.identities(of: host, .machineID) == [])
        let other = try HostName("other")
        try await store.recordIdentity(host: other, .hostKey, "ssh-ed25519 C", at: Sample.start)
        #expect(try await store.lastIdentities(.hostKey) == [host: "ssh-ed25519 B", other: "ssh-ed25519 C"])
    }

    @Test func `the canaries planted last are found again`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        func canary(_ token: String) -> Canary { Canary(kind: .negative, mount: "/", token: token) }
        let (old, new, late) = (
            String(repeating: "a", count: 32), String(repeating: "b", count: 32), String(repeating: "c", count: 32)
        )
        func left(_ token: String) -> Canary {
            var canary = canary(token)
            canary.file = FileMark(inode: "9223372036854775999", born: nil, changed: 7)
            return canary
        }
        try await store.recordCanaries(host: host, boot: try Sample.boot(1), [left(old)], at: Sample.start)
        try await store.recordCanaries(
            host: host, boot: try Sample.boot(2), [canary(new), canary(late)], at: Sample.time(5))
        // What is not known to have been written cannot be missed.
        try await store.recordFiles(of: [left(new), canary(late)], on: host)
        #expect(try await store.latestCanaries(of: host)?.canaries == [left(old)])
        try await store.recordFiles(of: [left(late)], on: host)
        let planted = try #require(try await store.latestCanaries(of: host))
        #expect(planted.boot == (try Sample.boot(2)))
        #expect(planted.canaries == [left(new), left(late)])
        // Another token where one was left: older, newer, of another host, of nobody here.
        #expect(try await store.origin(of: old, on: host, beside: new) == .earlier)
        #expect(try await store.origin(of: late, on: host, beside: old) == .later)
        #expect(try await store.origin(of: late, on: HostName("other"), beside: old) == .earlier)
        #expect(try await store.origin(of: "strange", on: host, beside: old) == nil)
        #expect(try await store.latestCanaries(of: HostName("other")) == nil)
    }

    @Test func `a stop flag holds until it expires or is lifted`() async throws {
        let store = try Store.inMemory()
        let fleet = try await store.setStopFlag(
            StopFlag(scope: .fleet, reason: "freeze", author: "ops", setAt: Sample.start, expiresAt: Sample.time(60)))
        let group = try await store.setStopFlag(
            StopFlag(scope: .group("db"), reason: "migration", author: "dba", setAt: Sample.start))
        try await store.liftStopFlag(group, author: "dba", at: Sample.time(30))
        let flags = try await store.stopFlags()
        #expect(flags.map(\.id) == [group, fleet])
        #expect(flags.map(\.flag.scope) == [.group("db"), .fleet])
        #expect(flags.map { $0.isInForce(at: Sample.time(59)) } == [false, true])
        #expect(flags.map { $0.isInForce(at: Sample.time(60)) } == [false, false])
        let error = await #expect(throws: StoreError.self) {
            try await store.liftStopFlag(group, author: "dba", at: Sample.time(40))
        }
        #expect(error?.code == .notFound)
    }
}
