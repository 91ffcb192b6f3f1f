import EbbModel
import EbbStore
import FoundationEssentials
import Testing

@Suite struct OnboardingJournalTests {
    @Test func `a journal is read back in its order, and the newest move counts`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        #expect(try await store.onboardingEvents(of: host).isEmpty)
        for (index, event) in ["{\"a\":1}", "{\"b\":2}"].enumerated() {
            try await store.appendOnboardingEvent(host: host, run: 1, after: index, event, at: Sample.start)
        }
        #expect(try await store.onboardingEvents(of: host).map(\.event) == ["{\"a\":1}", "{\"b\":2}"])
        try await store.appendOnboardingEvent(host: host, run: 2, after: 0, "{\"c\":3}", at: Sample.start)
        let newest = try await store.onboardingEvents(of: host)
        #expect(newest.map(\.run) == [2] && newest.map(\.event) == ["{\"c\":3}"])
    }

    @Test func `of two controllers the one that read less may not go on`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        try await store.appendOnboardingEvent(host: host, run: 1, after: 0, "{}", at: Sample.start)
        let error = await #expect(throws: StoreError.self) {
            try await store.appendOnboardingEvent(host: host, run: 1, after: 0, "{}", at: Sample.start)
        }
        #expect(error?.code == .fenced)
    }

    @Test func `a blank that was made anew is refused until the old one is forgotten`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        let first = StoredBlank(name: "rpool/root@blank", guid: "17", createdAt: 5, recordedAt: Sample.start)
        try await store.recordBlank(host: host, first)
        try await store.recordBlank(host: host, first)
        #expect(try await store.blanks(of: host) == [first])
        let second = StoredBlank(name: "rpool/root@blank", guid: "18", createdAt: 9, recordedAt: Sample.start)
        let error = await #expect(throws: StoreError.self) { try await store.recordBlank(host: host, second) }
        #expect(error?.code == .refused)
        #expect(try await store.forgetBlank(host: host, first.name, at: Sample.start))
        #expect(try await !store.forgetBlank(host: host, first.name, at: Sample.start))
        try await store.recordBlank(host: host, second)
        #expect(try await store.blanks(of: host) == [second])
    }
}
