import EbbModel
import FoundationEssentials
import GRDB

/// Reads and writes the table of boots.
enum BootTable {
    static func see(_ boot: BootID, hostID: Int64, at: Date, in db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO boot (hostID, bootID, firstSeenAt, lastSeenAt) VALUES (?1, ?2, ?3, ?3)
                ON CONFLICT (hostID, bootID) DO UPDATE SET
                  firstSeenAt = min(firstSeenAt, excluded.firstSeenAt),
                  lastSeenAt = max(lastSeenAt, excluded.lastSeenAt)
                """, arguments: [hostID, boot.text, at.milliseconds])
    }

    static func judge(
        _ boot: BootID, _ verdict: BootVerdict, host: HostName, attempt: AttemptID?, at: Date, parts: [EvidencePart],
        in db: Database
    ) throws {
        let hostID = try HostTable.id(of: host, in: db)
        try see(boot, hostID: hostID, at: at, in: db)
        let evidence = try EvidenceChain.append(
            .boot, host: host, at: at, bootID: boot, detail: BootDetail(attempt: attempt?.value, verdict: verdict),
            parts: parts, in: db)
        try db.execute(
            sql: """
                UPDATE boot SET attemptID = coalesce(?, attemptID), erasure = ?, retention = ?,
                  verdictReasons = ?, census = ?, judgedAt = ?, evidenceID = ?
                WHERE hostID = ? AND bootID = ?
                """,
            arguments: [
                attempt?.value, verdict.erasure.rawValue, verdict.retention.rawValue,
                try StoredJSON.text(of: verdict.reasons), try verdict.census.map { try StoredJSON.text(of: $0) },
                at.milliseconds, evidence.value, hostID, boot.text,
            ])
    }

    static func boots(_ db: Database, _ condition: String, arguments: StatementArguments) throws -> [StoredBoot] {
        try Row.fetchAll(db, sql: "SELECT * FROM boot \(condition)", arguments: arguments).map { row in
            StoredBoot(
                bootID: try row.boot("bootID"), firstSeen: row.date("firstSeenAt"), lastSeen: row.date("lastSeenAt"),
                attempt: (row["attemptID"] as Int64?).map(AttemptID.init), verdict: try verdict(row),
                judgedAt: row.dateIfAny("judgedAt"), evidence: (row["evidenceID"] as Int64?).map(EvidenceID.init))
        }
    }

    /// Reads the columns of a verdict, which boots and attempts share.
    static func verdict(_ row: Row) throws -> BootVerdict? {
        guard let erasure: BootVerdict.Erasure = try row.wordIfAny("erasure") else { return nil }
        let hasCensus = (row["census"] as String?) != nil
        return BootVerdict(
            erasure: erasure, retention: try row.word("retention"), census: hasCensus ? try row.json("census") : nil,
            reasons: try row.json("verdictReasons"))
    }
}

/// What a boot verdict's row in the evidence chain says.
struct BootDetail: Codable {
    let attempt: Int64?
    let verdict: BootVerdict
}
