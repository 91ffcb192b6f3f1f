import EbbModel
import FoundationEssentials
import GRDB

@testable import EbbStore

extension Store {
    /// The raw output under one row of the chain; `nil` where it was pruned.
    func evidenceParts(_ id: EvidenceID) async throws -> [(name: String, originalSize: Int, bytes: [UInt8]?)] {
        try await database.read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM evidencePart WHERE evidenceID = ? ORDER BY ordinal", arguments: [id.value]
            ).map { ($0["name"], $0["originalSize"], try Content.bytes($0["digest"], in: db)) }
        }
    }

    /// The sets of paths that were declared for a host, the newest first.
    func persistenceSets(of host: HostName) async throws -> [(entries: [PersistenceEntry], from: Date, to: Date?)] {
        try await database.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM hostPersistence JOIN persistenceSet USING (digest) JOIN host ON host.id = hostID
                    WHERE name = ? ORDER BY fromAt DESC
                    """, arguments: [host.text]
            ).map { (try $0.json("entries"), $0.date("fromAt"), $0.dateIfAny("toAt")) }
        }
    }

    /// The rows of all tables together.
    func rowCount() async throws -> Int {
        try await database.read { db in
            let tables = try String.fetchAll(db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'")
            return try tables.reduce(0) { sum, table in
                try sum + (Int.fetchOne(db, sql: "SELECT count(*) FROM \"\(table)\"") ?? 0)
            }
        }
    }
}
