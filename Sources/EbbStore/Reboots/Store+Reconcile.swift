package import EbbModel
import GRDB

extension Store {
    /// What was known of a host in one of its boots, from the newest observation that read any facts then.
    package func facts(
        of host: HostName, during boot: BootID
    ) async throws(StoreError) -> HostFacts? {
        try await read { db in
            guard let hostID = try HostTable.find(host, in: db) else { return nil }
            let newest = try ObservationTable.newest(
                of: hostID, "bootID = ? AND reachable = 1 AND factsDigest IS NOT NULL",
                arguments: [boot.text], in: db)
            return try newest.flatMap {
                try ObservationTable.stored($0, in: db).observation?.facts
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
