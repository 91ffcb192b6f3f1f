import EbbModel
import FoundationEssentials
import GRDB
import Testing

@testable import EbbStore

@Suite struct StoreOpeningTests {
    @Test func `a new database and its directory belong to their owner alone`() async throws {
        try await withScratchDirectory { scratch in
            let path = scratch + "/state/ebb/ebb.sqlite"
            let store = try Store.open(path)
            try await store.collect(Sample.host(), at: Sample.start, [Sample.entry("/a")])
            for (file, mode) in [
                ("/state/ebb", 0o700), ("/state/ebb/ebb.sqlite", 0o600), ("/state/ebb/ebb.sqlite-wal", 0o600),
            ] {
                let attributes = try FileManager.default.attributesOfItem(atPath: scratch + file)
                #expect("\(attributes[.posixPermissions] ?? "none")" == String(mode), "\(file)")
            }
        }
    }

    @Test func `who only reads makes no database, and no directory for one`() async throws {
        try await withScratchDirectory { scratch in
            #expect(throws: StoreError.self) { try Store.open(scratch + "/typo/ebb.sqlite", mustExist: true) }
            #expect(!FileManager.default.fileExists(atPath: scratch + "/typo"))
            _ = try Store.open(scratch + "/ebb.sqlite")
            _ = try Store.open(scratch + "/ebb.sqlite", mustExist: true)
        }
    }

    @Test func `what was stored is there after the database was opened again`() async throws {
        try await withScratchDirectory { scratch in
            let path = scratch + "/ebb.sqlite"
            let host = try Sample.host()
            let first = try Store.open(path)
            try await first.collect(host, at: Sample.start, [Sample.entry("/a")])
            let second = try Store.open(path)
            #expect(try await second.paths(host) == ["/a"])
            #expect(try await second.verifyChain().isIntact)
        }
    }

    @Test func `many that open a new database at the same moment all get it, made once`() async throws {
        try await withScratchDirectory { scratch in
            for round in 0..<10 {
                let path = "\(scratch)/\(round)/ebb.sqlite"
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<6 {
                        group.addTask {
                            let store = try Store.open(path)
                            let host = try HostName("host\(number)")
                            try await store.collect(host, at: Sample.start, [Sample.entry("/a")])
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await Store.open(path).verifyChain().isIntact)
            }
        }
    }

    @Test func `a database of a newer Ebb is refused and left alone`() async throws {
        try await withScratchDirectory { scratch in
            let path = scratch + "/ebb.sqlite"
            let store = try Store.open(path)
            try await store.database.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99-future')") }
            let error = #expect(throws: StoreError.self) { try Store.open(path) }
            #expect(error?.code == .tooNew)
        }
    }

    @Test func `a file that is no database is called corrupt`() async throws {
        try await withScratchDirectory { scratch in
            let path = scratch + "/ebb.sqlite"
            let text = String(repeating: "this is a letter, not a database\n", count: 100)
            try text.write(toFile: path, atomically: false, encoding: .utf8)
            let error = #expect(throws: StoreError.self) { try Store.open(path) }
            #expect(error?.code == .corrupt)
            // The file, what is wrong with it and what to do; no words of SQL.
            #expect(error?.message.contains(path) == true && error?.cause == nil)
            #expect(error?.hint?.contains("ebb database") == true)
        }
    }

    @Test func `a place where nothing can be made is named`() throws {
        let error = #expect(throws: StoreError.self) { try Store.open("/proc/ebb/ebb.sqlite") }
        #expect(error?.code == .cannotOpen)
        #expect(error?.message.contains("/proc/ebb") == true)
    }

    @Test func `a database that another process holds is locked after the timeout`() async throws {
        try await withScratchDirectory { scratch in
            let path = scratch + "/ebb.sqlite"
            let store = try Store.open(path, busyTimeout: 0.05)
            var configuration = Configuration()
            configuration.allowsUnsafeTransactions = true
            let other = try DatabaseQueue(path: path, configuration: configuration)
            try other.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
            let host = try Sample.host()
            let error = await #expect(throws: StoreError.self) { try await store.collect(host, at: Sample.start, []) }
            #expect(error?.code == .locked)
            try other.inDatabase { try $0.execute(sql: "ROLLBACK") }
            try await store.collect(host, at: Sample.start, [])
        }
    }

    @Test func `a full disk keeps nothing of the step and says so`() async throws {
        let store = try Store.inMemory()
        let host = try Sample.host()
        try await store.collect(host, at: Sample.start, [Sample.entry("/a")])
        try await store.database.write { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(pages)")
        }
        let many = (0..<5_000).map { Sample.entry("/many/\($0)") }
        let error = await #expect(throws: StoreError.self) { try await store.collect(host, at: Sample.time(60), many) }
        #expect(error?.code == .full)
        #expect(try await store.paths(host) == ["/a"])
        #expect(try await store.verifyChain().isIntact)
    }
}
