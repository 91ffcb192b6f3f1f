import EbbModel
import FoundationEssentials
import GRDB
import Testing

@testable import EbbStore

@Suite struct AcceptanceTests {
    private func mark(_ id: String, uuid: String = "") throws -> StorageMark {
        var place = Census.Place()
        (place.fileSystem, place.uuid) = ("ef53 \(id)", uuid)
        return try #require(StorageMark(place))
    }

    @Test func `another storage than the one on record waits for a person, once`() async throws {
        let (store, host) = (try Store.inMemory(), try Sample.host())
        func record(_ mark: StorageMark, proven: Bool = true, at: Double) async throws {
            try await store.recordStorage(host: host, ["/x": mark], isProven: proven, at: Sample.time(at))
        }
        func accept() async throws -> StoredAcceptance {
            try await store.accept(.storage, of: host, author: "kim", reason: "new disk", at: Sample.time(90))
        }
        let (a, b) = (try mark("aa"), try mark("bb"))
        // What no proof found is on no record.
        try await record(a, proven: false, at: 1)
        #expect(try await store.storage(of: host) == [:])
        try await record(a, at: 2)
        for at in [3.0, 4, 5] { try await record(a, at: at) }
        #expect(try await store.storage(of: host)["/x"] == StoredStorage(known: a))
        #expect(await #expect(throws: StoreError.self) { try await accept() }?.code == .notFound)

        for at in [6.0, 7, 8] { try await record(b, at: at) }
        #expect(try await store.storage(of: host)["/x"] == StoredStorage(known: a, found: b))
        // The old one is back: nothing waits any more.
        try await record(a, at: 9)
        #expect(try await store.storage(of: host)["/x"] == StoredStorage(known: a))
        try await record(b, proven: false, at: 10)
        let accepted = try await accept()
        #expect(accepted.marks == [AcceptedMark(name: "/x", old: "(ef53 aa)", new: "(ef53 bb)")])
        #expect(try await store.storage(of: host)["/x"] == StoredStorage(known: b))
        #expect(await #expect(throws: StoreError.self) { try await accept() }?.code == .notFound)
        // Of the same storage more is known later.
        try await record(try mark("bb", uuid: "u"), at: 11)
        #expect(try await store.storage(of: host)["/x"]?.found == nil)
        #expect(try await store.verifyChain().isIntact)
    }

    @Test func `a record of before is no other storage, and a proof adds what it did not know`() async throws {
        let (store, host) = (try Store.inMemory(), try Sample.host())
        func mark(_ position: String?, uuid: String = "u") throws -> StorageMark {
            var place = Census.Place()
            (place.fileSystem, place.uuid, place.position) = ("ef53 aa", uuid, position)
            return try #require(StorageMark(place))
        }
        func record(_ mark: StorageMark, proven: Bool = true, at: Double) async throws -> StoredStorage? {
            try await store.recordStorage(host: host, ["/x": mark], isProven: proven, at: Sample.time(at))
            return try await store.storage(of: host)["/x"]
        }
        let old = try StoredJSON.value(StorageMark.self, from: "{\"fileSystem\":\"ef53 aa\",\"uuid\":\"\"}")
        #expect(try await record(old, at: 1) == StoredStorage(known: old))
        #expect(try await record(try mark("/a"), proven: false, at: 2) == StoredStorage(known: old))
        #expect(try await record(try mark("/a"), at: 3) == StoredStorage(known: try mark("/a")))
        // What is not said is not taken back.
        #expect(try await record(old, at: 4) == StoredStorage(known: try mark("/a")))
        #expect(try await record(try mark("/b"), at: 5) == StoredStorage(known: try mark("/a"), found: try mark("/b")))
        let words = try mark("/b").difference(from: try mark("/a"))
        #expect(words == "it is /b of its file system, and was /a")
        #expect(try await store.verifyChain().isIntact)
    }

    @Test func `a machine of its own is accepted with the marks that it has`() async throws {
        let store = try Store.inMemory()
        let (one, two) = (try HostName("a"), try HostName("b"))
        func see(_ host: HostName, _ kind: IdentityKind, _ value: String, at: Double = 0) async throws {
            try await store.recordIdentity(host: host, kind, value, at: Sample.time(at))
        }
        for host in [one, two] { try await see(host, .hostKey, "ssh-ed25519 SHA256:x") }
        try await see(one, .machineID, "m1")
        try await see(two, .machineID, "m2")
        #expect(try await store.machines().isUnclear(one) { _ in true } != nil)
        let accepted = try await store.accept(
            .machine, of: two, author: "kim", reason: "cloned keys", at: Sample.time(1))
        #expect(accepted.marks.first == AcceptedMark(name: "machine-id", old: "m1", new: "m2", beside: one))
        #expect(try await store.machines().isUnclear(one) { _ in true } == nil)
        let again = await #expect(throws: StoreError.self) {
            try await store.accept(.machine, of: one, author: "kim", reason: "x", at: Sample.time(2))
        }
        #expect(again?.code == .notFound)
        // Another machine behind that name is another question.
        try await see(two, .machineID, "m3", at: 3)
        #expect(try await store.machines().isUnclear(two) { _ in true } != nil)
        #expect(try await store.verifyChain().isIntact)
        // What was accepted cannot be made to say more.
        try await store.database.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    DROP TRIGGER hostAcceptanceIsNeverChanged;
                    UPDATE hostAcceptance SET marks = replace(marks, 'm2', 'm3')
                    """)
        }
        #expect(
            try await store.verifyChain().faults.map(\.message) == ["what a person accepted is not what was written"])
    }
}
