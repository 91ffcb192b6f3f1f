package import EbbModel
package import FoundationEssentials
import GRDB

/// What was known of a host before a boot, besides the paths that are open.
package struct StoredPrediction: Sendable {
    /// The last complete observation before the boot.
    package let observation: ObservationID
    /// The host's clock then.
    package let clock: Date?
    package let contents: [BytePath: [UInt8]]
    package let declared: [DeclaredFinding]
}

extension Store {
    /// The prediction that a boot puts to the test; `nil` where there is none, or it was compared.
    ///
    /// Its paths are those of `openDrift`. Ask before the drift of the first observation in that boot is
    /// recorded.
    package func prediction(for host: HostName, before boot: BootID) async throws(StoreError) -> StoredPrediction? {
        try await read { db in
            guard let hostID = try db.find(host),
                let last = try ObservationTable.newest(of: hostID, "state = 'judged' AND complete = 1", in: db),
                let lastBoot = last.bootID, lastBoot != boot.text
            else { return nil }
            let isKnown = try Bool.fetchOne(
                db, sql: "SELECT 1 FROM bootComparison WHERE hostID = ? AND bootID = ?", arguments: [hostID, boot.text])
            if isKnown == true { return nil }
            let stored = try ObservationTable.stored(last, in: db)
            return StoredPrediction(
                observation: stored.id, clock: stored.observation?.facts?.clock,
                contents: try ContentDigestTable.all(hostID: hostID, in: db), declared: stored.judgement?.declared ?? []
            )
        }
    }

    /// Keeps what became of a prediction, and what came back after the boot.
    ///
    /// Only returns that a proof saw teach anything: later, somebody may have brought them back.
    package func recordComparison(
        host: HostName, _ boot: BootID, predictedBy: ObservationID, foundBy: ObservationID,
        _ comparison: BootComparison, returns: [PathReturn], isProof: Bool
    ) async throws(StoreError) {
        try await write { db in
            let hostID = try db.id(of: host)
            try db.insert(
                "OR REPLACE INTO bootComparison",
                [
                    "hostID": hostID, "bootID": boot.text, "predictedID": predictedBy.value, "foundID": foundBy.value,
                    "isProof": isProof, "undone": comparison.undone, "survived": comparison.survived,
                    "missed": comparison.missed, "comparison": try StoredJSON.text(of: comparison),
                ])
            guard isProof else { return }
            let insert = try db.makeStatement(
                sql: """
                    INSERT OR REPLACE INTO pathReturn (hostID, bootID, path, outcome, signature)
                    VALUES (?, ?, ?, ?, ?)
                    """)
            for item in returns where !item.path.bytes.isEmpty {
                try insert.execute(arguments: [
                    hostID, boot.text, Data(item.path.bytes), item.outcome.rawValue, item.signature,
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

    /// What became of the predictions for a host's newest boots.
    package func comparisons(of host: HostName, limit: Int = 100) async throws(StoreError) -> [BootID: BootComparison] {
        try await read(of: host, none: [:]) { db, hostID in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT bootID, comparison FROM bootComparison WHERE hostID = ? ORDER BY foundID DESC LIMIT ?
                    """, arguments: [hostID, limit])
            return try rows.reduce(into: [:]) { $0[try $1.boot("bootID")] = try $1.json("comparison") }
        }
    }

    /// What the last `boots` boots that were seen to erase, one after the other, have taught.
    package func learnedPaths(of host: HostName, boots: Int) async throws(StoreError) -> LearnedPaths {
        try await read { db in
            guard boots > 0, let hostID = try db.find(host) else { return LearnedPaths() }
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
                learned.regenerated = index == 0 ? same : learned.regenerated.filter { same[$0.key] == $0.value }
            }
            if recent.count < boots { learned.regenerated = [:] }
            return learned
        }
    }
}

/// Reads and writes the digests of small changed files.
enum ContentDigestTable {
    static func all(hostID: Int64, in db: Database) throws -> [BytePath: [UInt8]] {
        var digests: [BytePath: [UInt8]] = [:]
        let rows = try Row.fetchCursor(
            db, sql: "SELECT path, digest FROM driftContent WHERE hostID = ?", arguments: [hostID])
        while let row = try rows.next() { digests[BytePath(bytes: row[0] as Data)] = Array(row[1] as Data) }
        return digests
    }

    /// Makes the table say what `digests` says, writing only what differs.
    static func replace(hostID: Int64, with digests: [BytePath: [UInt8]], in db: Database) throws {
        let stored = try all(hostID: hostID, in: db)
        if stored == digests { return }
        let remove = try db.makeStatement(sql: "DELETE FROM driftContent WHERE hostID = ? AND path = ?")
        for path in stored.keys where digests[path] == nil {
            try remove.execute(arguments: [hostID, Data(path.bytes)])
        }
        let insert = try db.makeStatement(
            sql: "INSERT OR REPLACE INTO driftContent (hostID, path, digest) VALUES (?, ?, ?)")
        for (path, digest) in digests where digest.count == 32 && stored[path] != digest {
            try insert.execute(arguments: [hostID, Data(path.bytes), Data(digest)])
        }
    }
}
