package import EbbModel
import FoundationEssentials
import GRDB

extension Store {
    /// Keeps what was concluded from an observation: every changed path, and every declared one.
    ///
    /// Paths are kept as intervals. A complete observation opens what is new and closes what is
    /// gone; an incomplete one opens, and closes nothing, because what it does not name may only be
    /// unseen. When nothing changed since the judgement before, a constant number of rows is added.
    ///
    /// `contents` are digests of small changed files; a complete observation replaces what was known.
    /// Entries that are not in the table's order are `refused`: by path, change, kind and verdict.
    ///
    /// - Important: Judge observations of one host in the order in which they were made; an older
    ///   one than the newest judged throws `outOfOrder`.
    @discardableResult package func recordDrift(
        _ observation: ObservationID, entries: some DriftSource, declared: [DeclaredFinding],
        contents: [BytePath: [UInt8]] = [:]
    ) async throws(StoreError) -> DriftCounts {
        let (digest, counts) = try Self.survey(entries)
        try await write { db in
            let row = try ObservationTable.row(observation, in: db)
            guard row.state == "observed", let isComplete = row.complete else {
                throw StoreError(
                    .outOfOrder, "observation \(observation.value) is \(row.state), so it cannot be judged")
            }
            let previous = try ObservationTable.newest(of: row.hostID, "state = 'judged'", in: db)
            if let previous, previous.id > row.id {
                throw StoreError(.outOfOrder, "observation \(previous.id) is newer and already judged")
            }
            var entriesID = row.id
            if let previous, let same = previous.entriesID, previous.entriesDigest == Data(digest),
                previous.complete == isComplete
            {
                entriesID = same
            } else {
                var merger = try DriftMerger(row, isComplete: isComplete, in: db)
                try entries.forEachEntry { try merger.take(DriftKey.withoutNUL($0)) }
                try merger.finish()
            }
            if isComplete { try ContentDigestTable.replace(hostID: row.hostID, with: contents, in: db) }
            let findings = try Content.store(try StoredJSON.bytes(of: declared), in: db)
            let evidence = try EvidenceChain.append(
                .judgement, host: try HostName(stored: row.hostName), at: Date(milliseconds: row.observedAt),
                bootID: row.bootID.flatMap { BootID($0) },
                detail: JudgementDetail(
                    observation: row.id, rawEvidence: row.evidenceID, isComplete: isComplete,
                    isReachable: row.reachable ?? false, entries: Hex.text(digest), declared: Hex.text(findings),
                    counts: counts), in: db)
            try db.execute(
                sql: """
                    UPDATE observation SET state = 'judged', judgementID = ?, entriesID = ?,
                      entriesDigest = ?, findingsDigest = ?, counts = ?, unexplainedPaths = ?,
                      leakedPaths = ?
                    WHERE id = ?
                    """,
                arguments: [
                    evidence.value, entriesID, Data(digest), Data(findings), try StoredJSON.text(of: counts),
                    counts.count(of: .unexplained), counts.count(of: .leaked), row.id,
                ])
        }
        return counts
    }

    /// Goes through the entries once: their digest and their counts.
    private static func survey(_ entries: some DriftSource) throws(StoreError) -> (digest: [UInt8], counts: DriftCounts)
    {
        var digest = EntriesDigest()
        var counts = DriftCounts([])
        var last: DriftKey?
        do {
            try entries.forEachEntry { entry in
                let key = DriftKey(entry)
                if let last, last >= key { throw StoreError(.refused, "entries of drift are not in order") }
                digest.add(DriftKey.withoutNUL(entry))
                counts.add(entry)
                last = key
            }
        } catch { throw StoreError(reading: error) }
        return (digest.finish(), counts)
    }

    /// A page of the changed paths of a host's newest judged observation, each with its first sighting.
    ///
    /// For an incomplete observation these are the paths that it named. The page is of those after
    /// `after`; an empty one says that there are no more.
    package func driftPage(of host: HostName, verdicts: Set<PathVerdict>, after: DriftInterval? = nil)
        async throws(StoreError) -> [DriftInterval]
    {
        try await read { db in
            guard let hostID = try db.find(host),
                let newest = try ObservationTable.newest(of: hostID, "state = 'judged'", in: db),
                let entriesID = newest.entriesID
            else { return [] }
            let seen = newest.complete == true ? "" : " AND partialID = \(entriesID)"
            return try Self.openEntries(
                hostID: hostID, where: Self.condition(verdicts) + seen, after: after, limit: OpenDriftRows.pageSize,
                in: db)
        }
    }

    /// Every path that is not known to be gone, whatever the newest observation could see.
    ///
    /// With `limit` a page of them, those after `after`; an empty one says that there are no more.
    package func openDrift(
        of host: HostName, verdicts: Set<PathVerdict> = Set(PathVerdict.allCases), after: DriftInterval? = nil,
        limit: Int = .max
    ) async throws(StoreError) -> [DriftInterval] {
        try await read(of: host, none: []) { db, hostID in
            try Self.openEntries(hostID: hostID, where: Self.condition(verdicts), after: after, limit: limit, in: db)
        }
    }

    private static func condition(_ verdicts: Set<PathVerdict>) -> String {
        // A list behind `IN` costs something for every row.
        verdicts.count == PathVerdict.allCases.count
            ? "1" : "verdict IN (" + verdicts.map { "'\($0.rawValue)'" }.sorted().joined(separator: ",") + ")"
    }

    private static func openEntries(
        hostID: Int64, where condition: String, after: DriftInterval? = nil, limit: Int = .max, in db: Database
    ) throws -> [DriftInterval] {
        var sightings = ObservationSightings(db)
        var entries: [DriftInterval] = []
        try DriftTable.forEachOpen(hostID: hostID, where: condition, after: after?.entry, limit: limit, in: db) {
            entry, row in entries.append(try sightings.interval(entry, first: row["firstID"]))
        }
        return entries
    }

    /// The intervals of a host's paths, closed ones included, by path and then by time.
    package func driftHistory(of host: HostName, path: BytePath? = nil, limit: Int = 10_000) async throws(StoreError)
        -> [DriftInterval]
    {
        try await read(of: host, none: []) { db, hostID in
            let filter = path == nil ? "" : "AND path = ?2"
            let arguments: StatementArguments = path.map { [hostID, Data($0.bytes)] } ?? [hostID]
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT \(DriftColumn.names), firstID, lastID FROM driftClosed
                      WHERE hostID = ?1 \(filter)
                    UNION ALL
                    SELECT \(DriftColumn.names), firstID, NULL FROM driftOpen
                      WHERE hostID = ?1 \(filter)
                    ORDER BY path, firstID, change, kind, verdict LIMIT \(max(0, limit))
                    """, arguments: arguments)
            var sightings = ObservationSightings(db)
            return try rows.map { try sightings.interval(try DriftEntry($0), first: $0["firstID"], last: $0["lastID"]) }
        }
    }
}

/// What a judgement's row in the evidence chain says.
struct JudgementDetail: Codable, Equatable {
    let observation: Int64
    let rawEvidence: Int64
    let isComplete: Bool
    let isReachable: Bool
    /// Digest of the sorted entries.
    let entries: String
    /// Digest of the findings on declared paths.
    let declared: String
    let counts: DriftCounts

    /// The words that hashes of rows were made from stay what they were.
    private enum CodingKeys: String, CodingKey {
        case observation = "collection"
        case rawEvidence, isComplete, isReachable, entries, declared, counts
    }
}

/// When observations were made and during which boot, read once each.
struct ObservationSightings {
    private let db: Database
    private var known: [Int64: (at: Date, boot: BootID?)] = [:]

    init(_ db: Database) { self.db = db }

    mutating func of(_ id: Int64) throws -> (at: Date, boot: BootID?) {
        if let sighting = known[id] { return sighting }
        guard
            let row = try Row.fetchOne(
                db, sql: "SELECT observedAt, bootID FROM observation WHERE id = ?", arguments: [id])
        else { throw StoreError(.corrupt, "a drift entry names an observation that is gone") }
        let sighting = (row.date("observedAt"), try row.bootIfAny("bootID"))
        known[id] = sighting
        return sighting
    }

    mutating func interval(_ entry: DriftEntry, first: Int64, last: Int64? = nil) throws -> DriftInterval {
        let sighting = try of(first)
        let end = try last.map { try of($0) }
        return DriftInterval(
            entry: entry, firstObservation: first, firstSeen: sighting.at, firstBoot: sighting.boot, lastSeen: end?.at,
            lastBoot: end?.boot)
    }
}
