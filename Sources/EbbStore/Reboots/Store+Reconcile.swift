package import EbbModel
import GRDB

extension Store {
    /// What was known of a host in one of its boots, from the newest look that read any facts then.
    package func facts(
        of host: HostName, during boot: BootID
    ) async throws(StoreError) -> HostFacts? {
        try await read { db in
            guard let hostID = try HostTable.find(host, in: db) else { return nil }
            let rows = try CollectionTable.rows(
                db,
                """
                WHERE hostID = ? AND bootID = ? AND reachable = 1 AND factsDigest IS NOT NULL
                ORDER BY id DESC LIMIT 1
                """, arguments: [hostID, boot.text])
            return try rows.first.flatMap {
                try CollectionTable.stored($0, in: db).observation?.facts
            }
        }
    }

    /// The canaries of one attempt; none where it had not come so far.
    package func canaries(of attempt: AttemptID) async throws(StoreError) -> [Canary] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM canary WHERE attemptID = ? ORDER BY id",
                arguments: [attempt.value]
            ).compactMap { row in
                Canary.Kind(rawValue: row["polarity"]).map { kind in
                    Canary(kind: kind, mount: row["mount"], token: row["token"])
                }
            }
        }
    }

    /// Whether an attempt at the host is on its way between being sent and being judged.
    package func isBeingRebooted(_ host: HostName) async throws(StoreError) -> Bool {
        try await read { db in
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM attempt JOIN host ON host.id = hostID
                      WHERE name = ? AND state IN ('intent', 'sent', 'booted'))
                    """, arguments: [host.text]) ?? false
        }
    }
}
