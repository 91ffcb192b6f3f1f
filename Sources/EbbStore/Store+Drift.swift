package import EbbModel
import FoundationEssentials
import GRDB

extension Store {
    /// Keeps what was concluded from a collection: every changed path, and every declared one.
    ///
    /// Paths are kept as intervals. A complete collection opens what is new and closes what is
    /// gone; an incomplete one opens, and closes nothing, because what it does not name may only be
    /// unseen. When nothing changed since the judgement before, a constant number of rows is added.
    ///
    /// `contents` are digests of small changed files; a complete collection replaces what was known.
    ///
    /// - Important: Judge collections of one host in the order in which they were made; an older
    ///   one than the newest judged throws `outOfOrder`.
    package func recordDrift(
        _ collection: CollectionID, entries: [DriftEntry], declared: [DeclaredFinding],
        contents: [BytePath: [UInt8]] = [:]
    ) async throws(StoreError) {
        let entries = DriftKey.normalized(entries)
        let digest = EntriesDigest.of(entries)
        let counts = DriftCounts(entries)
        try await write { db in
            let row = try CollectionTable.row(collection, in: db)
            guard row.state == "observed", let isComplete = row.complete else {
                throw StoreError(
                    .outOfOrder,
                    "collection \(collection.value) is \(row.state), so it cannot be judged")
            }
            let previous = try CollectionTable.rows(
                db, "WHERE hostID = ? AND state = 'judged' ORDER BY id DESC LIMIT 1",
                arguments: [row.hostID]
            ).first
            if let previous, previous.id > row.id {
                throw StoreError(
                    .outOfOrder, "collection \(previous.id) is newer and already judged")
            }
            var entriesID = row.id
            if let previous, let same = previous.entriesID,
                previous.entriesDigest == Data(digest), previous.complete == isComplete
            {
                entriesID = same
            } else {
                try Self.merge(entries, into: row, isComplete: isComplete, in: db)
            }
            if isComplete {
                try ContentDigestTable.replace(hostID: row.hostID, with: contents, in: db)
            }
            let findings = try Content.store(try StoredJSON.bytes(of: declared), in: db)
            let host = try HostTable.name(row.hostName)
            let evidence = try EvidenceChain.append(
                .judgement, host: host, at: Date(milliseconds: row.observedAt),
                bootID: row.bootID.flatMap { BootID($0) },
                detail: JudgementDetail(
                    collection: row.id, rawEvidence: row.evidenceID, isComplete: isComplete,
                    isReachable: row.reachable ?? false, entries: Hex.text(digest),
                    declared: Hex.text(findings), counts: counts),
                in: db)
            try db.execute(
                sql: """
                    UPDATE collection SET state = 'judged', judgementID = ?, entriesID = ?,
                      entriesDigest = ?, findingsDigest = ?, counts = ?, unexplainedPaths = ?,
                      leakedPaths = ?
                    WHERE id = ?
                    """,
                arguments: [
                    evidence.value, entriesID, Data(digest), Data(findings),
                    try StoredJSON.text(of: counts), counts.count(of: .unexplained),
                    counts.count(of: .leaked), row.id,
                ])
        }
    }

    private static func merge(
        _ entries: [DriftEntry], into row: CollectionTable.Record, isComplete: Bool,
        in db: Database
    ) throws {
        var merge = DriftMerge(entries)
        try DriftTable.forEachOpen(hostID: row.hostID, in: db) { open, _ in merge.meet(open) }
        merge.finish()
        if isComplete {
            let lastComplete = try Int64.fetchOne(
                db,
                sql: """
                    SELECT max(id) FROM collection
                    WHERE hostID = ? AND state = 'judged' AND complete = 1
                    """, arguments: [row.hostID])
            try DriftTable.close(
                merge.gone, hostID: row.hostID, collection: row.id,
                lastComplete: lastComplete ?? 0, in: db)
        }
        let seenAgain = isComplete ? merge.changed : merge.changed + merge.unchanged
        try DriftTable.update(
            entries, seenAgain, hostID: row.hostID, collection: row.id, isPartial: !isComplete,
            in: db)
        try DriftTable.insert(
            entries, merge.added, hostID: row.hostID, collection: row.id, isPartial: !isComplete,
            in: db)
    }

    /// The changed paths of a host's newest judged collection, each with its first sighting.
    ///
    /// For an incomplete collection these are the paths that it named.
    package func driftEntries(
        of host: HostName
    ) async throws(StoreError) -> [StoredDriftEntry] {
        try await read { db in
            guard let hostID = try HostTable.find(host, in: db),
                let newest = try CollectionTable.rows(
                    db, "WHERE hostID = ? AND state = 'judged' ORDER BY id DESC LIMIT 1",
                    arguments: [hostID]
                ).first, let entriesID = newest.entriesID
            else { return [] }
            let condition = newest.complete == true ? "1" : "partialID = \(entriesID)"
            return try Self.openEntries(hostID: hostID, where: condition, in: db)
        }
    }

    /// Every path that is not known to be gone, whatever the newest collection could see.
    package func openDrift(
        of host: HostName, verdicts: Set<PathVerdict> = Set(PathVerdict.allCases)
    ) async throws(StoreError) -> [StoredDriftEntry] {
        try await read { db in
            guard let hostID = try HostTable.find(host, in: db) else { return [] }
            let list = verdicts.map { "'\($0.rawValue)'" }.sorted().joined(separator: ",")
            return try Self.openEntries(hostID: hostID, where: "verdict IN (\(list))", in: db)
        }
    }

    private static func openEntries(
        hostID: Int64, where condition: String, in db: Database
    ) throws -> [StoredDriftEntry] {
        var sightings = CollectionSightings(db)
        var entries: [StoredDriftEntry] = []
        try DriftTable.forEachOpen(hostID: hostID, where: condition, in: db) { entry, row in
            entries.append(try sightings.stored(entry, first: row["firstID"]))
        }
        return entries
    }

    /// The intervals of a host's paths, closed ones included, by path and then by time.
    package func driftHistory(
        of host: HostName, path: BytePath? = nil, limit: Int = 10_000
    ) async throws(StoreError) -> [DriftInterval] {
        try await read { db in
            guard let hostID = try HostTable.find(host, in: db) else { return [] }
            let filter = path == nil ? "" : "AND path = ?2"
            let arguments: StatementArguments =
                path.map { [hostID, Data($0.bytes)] } ?? [hostID]
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT \(DriftTable.columns), firstID, lastID, closedID FROM driftClosed
                      WHERE hostID = ?1 \(filter)
                    UNION ALL
                    SELECT \(DriftTable.columns), firstID, NULL, NULL FROM driftOpen
                      WHERE hostID = ?1 \(filter)
                    ORDER BY path, firstID, change, kind, verdict LIMIT \(max(0, limit))
                    """, arguments: arguments)
            var sightings = CollectionSightings(db)
            return try rows.map { row in
                let stored = try sightings.stored(try DriftTable.entry(row), first: row["firstID"])
                let lastID: Int64? = row["lastID"]
                let closedID: Int64? = row["closedID"]
                let last = try lastID.map { try sightings.of($0) }
                return DriftInterval(
                    entry: stored, lastCollection: lastID.map(CollectionID.init),
                    lastSeen: last?.at, lastBoot: last?.boot,
                    closedBy: closedID.map(CollectionID.init))
            }
        }
    }
}

/// What a judgement's row in the evidence chain says.
struct JudgementDetail: Codable, Equatable {
    let collection: Int64
    let rawEvidence: Int64
    let isComplete: Bool
    let isReachable: Bool
    /// Digest of the sorted entries.
    let entries: String
    /// Digest of the findings on declared paths.
    let declared: String
    let counts: DriftCounts
}
