import Crypto
import EbbModel
import FoundationEssentials
import GRDB
import Testing

@testable import EbbStore

@Suite struct MigrationTests {
    /// A store with rows in the tables that every version has, and in later ones.
    private func fill(_ store: Store) async throws -> HostName {
        let host = try Sample.host()
        let (old, new) = (try Sample.boot(1), try Sample.boot(2))
        try await store.collect(host, at: Sample.start, [Sample.entry("/a"), Sample.entry("/b", .leaked)], boot: old)
        try await store.collect(host, at: Sample.time(100), [Sample.entry("/a")], boot: old)
        try await store.recordBootVerdict(
            host: host, new, Sample.proven, at: Sample.time(200),
            parts: [EvidencePart(name: "proof", bytes: Array("canary".utf8))])
        try await store.recordPersistenceSet(
            host: host, [PersistenceEntry(path: "/x", mechanism: .bind)], from: Sample.start)
        try await store.collect(host, at: Sample.time(300), [Sample.entry("/c")], boot: new)
        for (number, end) in [AttemptState.intent, .failed, .inconclusive, .proven].enumerated() {
            try await attempt(store, "slot\(number)", to: end)
        }
        let again = try await attempt(store, "slot3", to: .failed)
        try await store.recordOverride(again, author: "kim", reason: "seen", at: Sample.time(400))
        try await attempt(store, "slot1", to: .skipped)
        try await store.changeSlots { _ in
            (.take(Slot(machine: "agent", holder: .agent(group: "web"), since: Sample.start)), ())
        }
        return host
    }

    /// Brings one attempt at a host to its end.
    @discardableResult private func attempt(_ store: Store, _ name: String, to end: AttemptState) async throws
        -> AttemptID
    {
        let rollout = try await store.beginRollout(
            pattern: name, plan: "{}", planHash: "x", controller: Sample.controller,
            hosts: [RolloutHost(host: try HostName(name), wave: 0)], at: Sample.time(310))
        let attempt = try #require(try await store.attempts(of: rollout).first).id
        let change = AttemptChange(bootIDBefore: try Sample.boot(8), deadline: Sample.time(900), reason: "because")
        var after = change
        after.bootIDAfter = try Sample.boot(9)
        let path: [AttemptState] =
            switch end {
            case .skipped: [.skipped]
            case .intent: [.preflight, .canaries, .intent]
            case .proven: [.preflight, .canaries, .intent, .sent, .booted, .proven]
            default: [.preflight, .canaries, .intent, end]
            }
        for state in path {
            if state == .proven { after.verdict = Sample.proven }
            try await store.advance(
                attempt, to: state, at: Sample.time(320), [.booted, .proven].contains(state) ? after : change)
        }
        if end.isFinal { try await store.finishRollout(rollout, state: .finished, at: Sample.time(330)) }
        return attempt
    }

    /// A database as the version left it, holding what the newest one holds in its columns.
    private func database(at path: String, version: String, like newest: String) throws -> [String] {
        let queue = try DatabaseQueue(path: path)
        try Schema.migrator.migrate(queue, upTo: version)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA foreign_keys = OFF; ATTACH ? AS newest", arguments: [newest])
            let kept = try Self.tables(in: "newest", db)
            for table in try Self.tables(in: "main", db) {
                let source = table == "collection" ? "observation" : table
                guard kept.contains(source) else { continue }
                let columns = try String.fetchAll(db, sql: "SELECT name FROM pragma_table_info(?)", arguments: [table])
                    .joined(separator: ", ")
                try db.execute(sql: "INSERT INTO main.\(table) (\(columns)) SELECT \(columns) FROM newest.\(source)")
            }
            if try db.tableExists("lockHolder") {
                try db.execute(
                    sql: """
                        INSERT INTO lockHolder
                          SELECT groupName, machine, since FROM newest.slot WHERE hostID IS NULL
                        """)
            }
            try db.execute(sql: "DETACH newest")
        }
        return try queue.read { try Self.tables(in: "main", $0) }
    }

    private static func tables(in schema: String, _ db: Database) throws -> [String] {
        try String.fetchAll(
            db,
            sql: """
                SELECT name FROM \(schema).sqlite_schema WHERE type = 'table'
                  AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'grdb%' ORDER BY rowid
                """)
    }

    @Test func `a database of every version is brought up to date with all that it holds`() async throws {
        try await withScratchDirectory { scratch in
            let newest = scratch + "/newest.sqlite"
            let store = try Store.open(newest)
            let host = try await fill(store)
            let expected = try await store.complianceFacts(for: host)
            let slots = try await store.slots().map(\.machine)
            #expect(slots.sorted() == ["agent", "slot0", "slot1", "slot2"])
            let head = try await store.chainHead()
            let trend = try await store.driftTrend(for: [host], from: Sample.start, to: Sample.time(86_400))
            try await store.backup(to: scratch + "/copy.sqlite")
            for version in Schema.migrator.migrations {
                let path = "\(scratch)/\(version).sqlite"
                let tables = try database(at: path, version: version, like: scratch + "/copy.sqlite")
                let migrated = try Store.open(path)
                let chain = try await migrated.verifyChain(expecting: head)
                // What a version had no table for is lost with the copy, not with the migration.
                if tables.contains("boot") {
                    #expect(chain.faults == [], "\(version)")
                    #expect(try await migrated.complianceFacts(for: host) == expected, "\(version)")
                    let after = try await migrated.driftTrend(for: [host], from: Sample.start, to: Sample.time(86_400))
                    #expect(after == trend, "\(version)")
                }
                if tables.contains("lockHolder") || tables.contains("slot") {
                    let after = try await migrated.slots().map(\.machine)
                    #expect(Set(after) == Set(slots), "\(version)")
                }
                #expect(chain.length == head.length, "\(version)")
                #expect(try await migrated.check().problems == [], "\(version)")
                try await migrated.collect(host, at: Sample.time(9_000), [], boot: nil)
                #expect(try await migrated.chainHead().length > head.length)
            }
        }
    }

    @Test func `every version is what it was when it shipped`() throws {
        var digests: [String] = []
        for version in Schema.migrator.migrations {
            let queue = try DatabaseQueue()
            try Schema.migrator.migrate(queue, upTo: version)
            let sql = try queue.read { db in
                try String.fetchAll(
                    db,
                    sql: """
                        SELECT sql FROM sqlite_schema
                        WHERE sql IS NOT NULL AND name NOT LIKE 'grdb%' ORDER BY rowid
                        """)
            }
            let words = sql.joined(separator: "\n").split(whereSeparator: \.isWhitespace)
            let digest = SHA256.hash(data: Array(words.joined(separator: " ").utf8))
            digests.append("\(version) " + digest.prefix(6).map { String($0, radix: 16) }.joined())
        }
        #expect(digests == Self.shipped)
    }

    /// A migration that shipped is never edited: add another one instead of changing these.
    private static let shipped = [
        "1-evidence fb858b534b9", "2-drift 3560c6db140", "3-hosts 7fb1e17e1e2", "4-journal 6c93da2a4ec",
        "5-schedule 56b911aa98f0", "6-compliance e734447e133c", "7-predictions 6b517adb4f4a", "8-reboots cdcba2da75b1",
        "9-onboarding f61a9721a7d6", "10-long-histories 2f8af74c5139", "11-large-scans 2267289d326",
        "12-slots a7f09e987d89", "13-observations 91b171fe4373", "14-controllers 82d6ed34d5e1",
        "15-census d85367232af5", "16-erasure c5842edc6346", "17-identity a2bf13f972ba", "18-content 1114ed4758c2",
    ]
}
