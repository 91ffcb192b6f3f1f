import EbbModel
import FoundationEssentials
import GRDB

/// Reads the table of observations.
enum ObservationTable {
    struct Record: Decodable, FetchableRecord {
        let id: Int64
        let hostID: Int64
        let hostName: String
        let kind: String
        let observedAt: Int64
        let bootID: String?
        let toolVersion: String
        let evidenceID: Int64
        let state: String
        let reachable: Bool?
        let complete: Bool?
        let strategy: String?
        let hostClock: Int64?
        let uptime: Double?
        let factsDigest: Data?
        let gaps: String?
        let judgementID: Int64?
        let entriesID: Int64?
        let entriesDigest: Data?
        let findingsDigest: Data?
        let counts: String?
        let unexplainedPaths: Int?
        let leakedPaths: Int?
    }

    static func rows(_ db: Database, _ condition: String, arguments: StatementArguments) throws -> [Record] {
        try Record.fetchAll(
            db,
            sql: """
                SELECT *, (SELECT name FROM host WHERE host.id = hostID) AS hostName
                FROM observation \(condition)
                """, arguments: arguments)
    }

    /// The newest row of a host that meets a condition.
    static func newest(of hostID: Int64, _ condition: String, arguments: StatementArguments = [], in db: Database)
        throws -> Record?
    {
        try rows(db, "WHERE hostID = ? AND \(condition) ORDER BY id DESC LIMIT 1", arguments: [hostID] + arguments)
            .first
    }

    static func row(_ id: ObservationID, in db: Database) throws -> Record {
        guard let row = try rows(db, "WHERE id = ?", arguments: [id.value]).first else {
            throw StoreError(.notFound, "there is no observation \(id.value)")
        }
        return row
    }

    static func stored(_ row: Record, in db: Database) throws -> StoredObservation {
        guard let kind = ObservationKind(rawValue: row.kind) else {
            throw StoreError(.corrupt, "a stored observation has an unknown kind")
        }
        return StoredObservation(
            id: ObservationID(row.id), host: try HostTable.name(row.hostName), kind: kind,
            observedAt: Date(milliseconds: row.observedAt), bootID: row.bootID.flatMap { BootID($0) },
            toolVersion: row.toolVersion, evidence: EvidenceID(row.evidenceID),
            observation: try observation(row, in: db), judgement: try judgement(row, in: db))
    }

    private static func observation(_ row: Record, in db: Database) throws -> ObservationSummary? {
        guard let isReachable = row.reachable, let isComplete = row.complete, let digest = row.factsDigest,
            let gaps = row.gaps
        else { return nil }
        var facts = try Content.value(HostFacts.self, at: digest, in: db)
        facts?.clock = row.hostClock.map { Date(milliseconds: $0) }
        facts?.uptime = row.uptime
        return ObservationSummary(
            isReachable: isReachable, isComplete: isComplete, strategy: row.strategy.flatMap { Strategy(rawValue: $0) },
            facts: facts, gaps: try StoredJSON.value([ProbeGap].self, from: gaps))
    }

    private static func judgement(_ row: Record, in db: Database) throws -> JudgementSummary? {
        guard let evidence = row.judgementID, let entriesID = row.entriesID, let counts = row.counts else { return nil }
        return JudgementSummary(
            evidence: EvidenceID(evidence), counts: try StoredJSON.value(DriftCounts.self, from: counts),
            isUnchanged: entriesID != row.id,
            declared: try row.findingsDigest.flatMap { try Content.value([DeclaredFinding].self, at: $0, in: db) })
    }
}
