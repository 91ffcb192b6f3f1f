package import EbbModel
package import FoundationEssentials
import GRDB

/// What was known of a host before a boot, besides the paths that are open.
package struct StoredPrediction: Sendable {
    /// The last complete look before the boot.
    package let collection: CollectionID
    /// The host's clock then.
    package let clock: Date?
    package let contents: [BytePath: [UInt8]]
    package let declared: [DeclaredFinding]
}

/// What became of the prediction for one boot.
package struct StoredComparison: Sendable, Hashable {
    package let boot: BootID
    /// The last complete look before the boot.
    package let predictedBy: CollectionID
    /// The first complete look after it.
    package let foundBy: CollectionID
    package let comparison: BootComparison
}

extension Store {
    /// The prediction that a boot puts to the test; `nil` where there is none, or it was compared.
    ///
    /// Its paths are those of `openDriftPage`. Ask before the drift of the first look in that boot is
    /// recorded.
    package func prediction(
        for host: HostName, before boot: BootID
    ) async throws(StoreError) -> StoredPrediction? {
        try await read { db in
            guard let hostID = try HostTable.find(host, in: db),
                let last = try CollectionTable.rows(
                    db,
                    "WHERE hostID = ? AND state = 'judged' AND complete = 1 "
                        + "ORDER BY id DESC LIMIT 1", arguments: [hostID]
                ).first, let lastBoot = last.bootID, lastBoot != boot.text
            else { return nil }
            let isKnown = try Bool.fetchOne(
                db, sql: "SELECT 1 FROM bootComparison WHERE hostID = ? AND bootID = ?",
                arguments: [hostID, boot.text])
            if isKnown == true { return nil }
            let stored = try CollectionTable.stored(last, in: db)
            return StoredPrediction(
                collection: stored.id, clock: stored.observation?.facts?.clock,
                contents: try ContentDigestTable.all(hostID: hostID, in: db),
                declared: stored.judgement?.declared ?? [])
        }
    }

    /// Keeps what became of a prediction, and what came back after the boot.
    ///
    /// Only returns that a proof saw teach anything: later, somebody may have brought them back.
    package func recordComparison(
        host: HostName, _ boot: BootID, predictedBy: CollectionID, foundBy: CollectionID,
        _ comparison: BootComparison, returns: [PathReturn], isProof: Bool
    ) async throws(StoreError) {
        try await write { db in
            let hostID = try HostTable.id(of: host, in: db)
            try db.execute(
                sql: """
                    INSERT OR REPLACE INTO bootComparison (hostID, bootID, predictedID, foundID,
                      isProof, undone, survived, missed, comparison)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    hostID, boot.text, predictedBy.value, foundBy.value, isProof,
                    comparison.undone, comparison.survived, comparison.missed,
                    try StoredJSON.text(of: comparison),
                ])
            guard isProof else { return }
            let insert = try db.makeStatement(
                sql: """
                    INSERT OR REPLACE INTO pathReturn (hostID, bootID, path, outcome, signature)
                    VALUES (?, ?, ?, ?, ?)
                    """)
            for item in returns where !item.path.bytes.isEmpty {
                try insert.execute(arguments: [
                    hostID, boot.text, Data(item.path.bytes), item.outcome.rawValue,
                    item.signature,
                ])
            }
            try db.execute(
                sql: """
                    DELETE FROM pathReturn WHERE hostID = ?1 AND bootID NOT IN
                      (SELECT bootID FROM bootComparison WHERE hostID = ?1 AND isProof = 1
                       ORDER BY foundID DESC LIMIT 10)
                    """, arguments: [hostID])
        }
    }

    /// What became of the predictions for a host's boots, newest first.
    package func comparisons(
        of host: HostName, limit: Int = 100
    ) async throws(StoreError) -> [StoredComparison] {
        try await read { db in
            guard let hostID = try HostTable.find(host, in: db) else { return [] }
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT bootID, predictedID, foundID, comparison FROM bootComparison
                    WHERE hostID = ? ORDER BY foundID DESC LIMIT ?
                    """, arguments: [hostID, limit]
            ).map { row in
                guard let boot = BootID(row["bootID"] as String) else {
                    throw StoreError(.corrupt, "a stored boot id is none")
                }
                return StoredComparison(
                    boot: boot, predictedBy: CollectionID(row["predictedID"]),
                    foundBy: CollectionID(row["foundID"]),
                    comparison: try StoredJSON.value(
                        BootComparison.self, from: row["comparison"] as String))
            }
        }
    }

    /// What the last `boots` boots that were seen to erase, one after the other, have taught.
    package func learnedPaths(
        of host: HostName, boots: Int
    ) async throws(StoreError) -> LearnedPaths {
        try await read { db in
            guard boots > 0, let hostID = try HostTable.find(host, in: db) else {
                return LearnedPaths()
            }
            let recent = try Row.fetchAll(
                db,
                sql: """
                    SELECT bootID FROM bootComparison JOIN boot USING (hostID, bootID)
                    WHERE hostID = ? AND isProof = 1 AND erasure = 'erased'
                    ORDER BY foundID DESC LIMIT ?
                    """, arguments: [hostID, boots]
            ).map { $0[0] as String }
            var learned = LearnedPaths()
            for (index, boot) in recent.enumerated() {
                var same: [BytePath: String] = [:]
                let rows = try Row.fetchCursor(
                    db,
                    sql: """
                        SELECT path, outcome, signature FROM pathReturn
                        WHERE hostID = ? AND bootID = ?
                        """, arguments: [hostID, boot])
                while let row = try rows.next() {
                    let path = BytePath(bytes: row[0] as Data)
                    switch PathReturn.Outcome(rawValue: row[1]) {
                    case .same: same[path] = row[2]
                    case .different where index == 0: learned.reset.insert(path)
                    case .different, .unknown, nil: break
                    }
                }
                learned.regenerated =
                    index == 0 ? same : learned.regenerated.filter { same[$0.key] == $0.value }
            }
            if recent.count < boots { learned.regenerated = [:] }
            return learned
        }
    }
}
