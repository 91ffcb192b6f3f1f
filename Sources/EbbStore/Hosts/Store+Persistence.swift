import Crypto
package import EbbModel
package import FoundationEssentials
import GRDB

/// The declared paths of a host during a stretch of time.
package struct StoredPersistenceSet: Sendable, Hashable {
    /// SHA-256 over the entries, lower-case hexadecimal.
    package let digest: String
    package let entries: [PersistenceEntry]
    package let from: Date
    /// `nil` while it is in force.
    package let to: Date?
}

extension Store {
    /// Notes what is declared for a host; the same set again adds nothing.
    ///
    /// Returns the set's digest.
    @discardableResult package func recordPersistenceSet(host: HostName, _ entries: [PersistenceEntry], from: Date)
        async throws(StoreError) -> String
    {
        let sorted = entries.sorted { ($0.path, $0.target ?? "") < ($1.path, $1.target ?? "") }
        return try await write { db in
            let json = try StoredJSON.text(of: sorted)
            let digest = Data(SHA256.hash(data: Array(json.utf8)))
            let hostID = try HostTable.id(of: host, in: db)
            let current = try Data.fetchOne(
                db, sql: "SELECT digest FROM hostPersistence WHERE hostID = ? AND toAt IS NULL", arguments: [hostID])
            guard current != digest else { return Hex.text(digest) }
            try db.execute(sql: "INSERT OR IGNORE INTO persistenceSet VALUES (?, ?)", arguments: [digest, json])
            try db.execute(
                sql: """
                    UPDATE hostPersistence SET toAt = max(fromAt, ?)
                    WHERE hostID = ? AND toAt IS NULL
                    """, arguments: [from.milliseconds, hostID])
            // Two changes within a millisecond: the later one replaces the earlier.
            try db.execute(
                sql: """
                    INSERT INTO hostPersistence (hostID, fromAt, digest) VALUES (?, ?, ?)
                    ON CONFLICT DO UPDATE SET digest = excluded.digest, toAt = NULL
                    """, arguments: [hostID, from.milliseconds, digest])
            return Hex.text(digest)
        }
    }

    /// The sets that were declared for a host, the newest first.
    package func persistenceSets(of host: HostName) async throws(StoreError) -> [StoredPersistenceSet] {
        try await read { db in
            guard let hostID = try HostTable.find(host, in: db) else { return [] }
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT digest, entries, fromAt, toAt
                    FROM hostPersistence JOIN persistenceSet USING (digest)
                    WHERE hostID = ? ORDER BY fromAt DESC
                    """, arguments: [hostID]
            ).map { row in
                StoredPersistenceSet(
                    digest: Hex.text(row["digest"] as Data), entries: try row.json("entries"), from: row.date("fromAt"),
                    to: row.dateIfAny("toAt"))
            }
        }
    }
}
