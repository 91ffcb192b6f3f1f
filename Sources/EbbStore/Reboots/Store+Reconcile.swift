package import EbbModel
import GRDB

extension Store {
    /// What was known of a host in one of its boots, from the newest observation then that read most.
    ///
    /// One that broke off knows less than the one before it, and would make a proof of nothing.
    package func facts(of host: HostName, during boot: BootID) async throws(StoreError) -> HostFacts? {
        try await read { db in
            guard let hostID = try HostTable.find(host, in: db) else { return nil }
            let rows = try ObservationTable.rows(
                db,
                """
                WHERE hostID = ? AND bootID = ? AND reachable = 1 AND factsDigest IS NOT NULL
                ORDER BY id DESC LIMIT 20
                """, arguments: [hostID, boot.text])
            var best: HostFacts?
            for row in rows {
                guard let facts = try ObservationTable.stored(row, in: db).observation?.facts else { continue }
                if let known = best, known.extent >= facts.extent { continue }
                best = facts
            }
            return best
        }
    }

    /// The rollout of this database that calls itself so on its hosts; `nil`: none does.
    package func rollout(withLease lease: String) async throws(StoreError) -> StoredRollout? {
        try await read { try RolloutTable.fetch($0, "WHERE lease = ?", arguments: [lease]).first }
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

extension HostFacts {
    /// How many of the facts that a proof compares are known.
    fileprivate var extent: Int {
        [machineID != nil, !mounts.isEmpty, failedUnits != nil, rootIdentity != nil].count { $0 }
    }
}
