package import EbbModel
package import FoundationEssentials
import GRDB

extension Store {
    /// Notes that a host showed this identity.
    package func recordIdentity(host: HostName, _ kind: IdentityKind, _ value: String, at: Date)
        async throws(StoreError)
    {
        try await write { db in
            try IdentityTable.see(kind, value, hostID: try HostTable.id(of: host, in: db), at: at, in: db)
        }
    }

    /// What each host was last recognised by, of one kind.
    package func lastIdentities(_ kind: IdentityKind) async throws(StoreError) -> [HostName: String] {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT name, value FROM identity JOIN host ON host.id = identity.hostID
                    WHERE kind = ? ORDER BY lastSeenAt, firstSeenAt, value DESC
                    """, arguments: [kind.rawValue])
            var last: [HostName: String] = [:]
            for row in rows { last[try row.host("name")] = row["value"] }
            return last
        }
    }

    /// Everything that a host was recognised by, the most recently seen first.
    package func identities(of host: HostName, _ kind: IdentityKind? = nil) async throws(StoreError)
        -> [IdentitySighting]
    {
        try await read { db in
            guard let hostID = try HostTable.find(host, in: db) else { return [] }
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT kind, value, firstSeenAt, lastSeenAt FROM identity
                    WHERE hostID = ?1 AND (?2 IS NULL OR kind = ?2)
                    ORDER BY lastSeenAt DESC, firstSeenAt DESC, kind, value
                    """, arguments: [hostID, kind?.rawValue]
            ).map { row in
                IdentitySighting(
                    kind: try row.word("kind"), value: row["value"], firstSeen: row.date("firstSeenAt"),
                    lastSeen: row.date("lastSeenAt"))
            }
        }
    }
}
