import EbbStore
import FoundationEssentials
import Testing

@testable import EbbModel

@Suite struct ComplianceFactsTests {
    @Test func `a host that was never seen has no facts`() async throws {
        let host = try Sample.host()
        let facts = try await Store.inMemory().complianceFacts(for: host)
        #expect(facts == ComplianceFacts(host: host))
    }

    @Test func `facts are those of the newest looks and boots`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        let (old, new) = (try Sample.boot(1), try Sample.boot(2))
        try await store.collect(host, at: Sample.start, [Sample.entry("/old")], boot: old)
        try await store.recordBootVerdict(host: host, new, Sample.proven, at: Sample.time(50))
        try await store.collect(
            host, at: Sample.time(100),
            [Sample.entry("/old"), Sample.entry("/leak", .leaked), Sample.entry("/ok", .managed)], boot: new)
        try await store.collect(host, at: Sample.time(200), [Sample.entry("/late")], isComplete: false, boot: new)
        let facts = try await store.complianceFacts(for: host)
        #expect(facts.observation?.at == Sample.time(200))
        #expect(facts.observation?.isComplete == false)
        #expect(facts.judgement?.at == Sample.time(200))
        #expect(facts.completeJudgement?.at == Sample.time(100))
        #expect(facts.lastBoot?.bootID == new)
        #expect(facts.provenBoot?.judgedAt == Sample.time(50))
        #expect(facts.paths.map(\.path.printable) == ["/leak", "/old", "/late"])
        #expect(facts.count(of: .unexplained) == 2)
        #expect(facts.atRisk.map(\.firstSeen) == [Sample.time(100), Sample.start, Sample.time(200)])
        #expect(facts.atRisk.map(\.bytes) == [10, 10, 10])
    }

    @Test func `as of an earlier time, later facts are not known`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        try await store.collect(host, at: Sample.start, [Sample.entry("/a")], boot: try Sample.boot(1))
        let then = try await store.complianceFacts(for: host)
        try await store.recordBootVerdict(host: host, try Sample.boot(2), Sample.proven, at: Sample.time(50))
        try await store.recordBootVerdict(host: host, try Sample.boot(1), Sample.proven, at: Sample.time(60))
        try await store.collect(host, at: Sample.time(100), [Sample.entry("/b")])
        #expect(try await store.complianceFacts(for: host, asOf: Sample.time(10)) == then)
        let now = try await store.complianceFacts(for: host)
        #expect(now.paths.map(\.path.printable) == ["/b"])
        #expect(now.lastBoot?.bootID == (try Sample.boot(2)))
    }

    @Test func `named paths are bounded, numbers are not`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        try await store.collect(host, at: Sample.start, (0..<50).map { Sample.entry("/\($0)") })
        let facts = try #require(try await store.complianceFacts(for: [host], pathLimit: 7).first)
        #expect(facts.paths.count == 7)
        #expect(facts.count(of: .unexplained) == 50)
    }

    @Test func `sizes that a host made up add up to the most there is, and hide no other host`() async throws {
        let store = try Store.inMemory()
        let (liar, other) = (try Sample.host("liar"), try Sample.host())
        let huge = ["/a", "/b", "/c"].map { Sample.entry($0, size: .max) }
        let counts = try await store.collect(liar, at: Sample.start, huge + [Sample.entry("/d", size: -5)])
        try await store.collect(other, at: Sample.start, [Sample.entry("/a"), Sample.entry("/b", size: nil)])
        let facts = try await store.complianceFacts(for: [liar, other])
        #expect(facts.map(\.bytesAtRisk) == [.max, 10])
        #expect(facts.map(\.damage) == [nil, nil])
        let judged = try #require(try await store.observation(counts).judgement)
        #expect(judged.counts.bytes(of: .unexplained) == .max)
        #expect(try await store.verifyChain().isIntact)
    }
}
