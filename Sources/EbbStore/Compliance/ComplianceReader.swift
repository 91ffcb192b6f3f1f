import EbbModel
import FoundationEssentials
import GRDB

/// Reads what compliance rests on for one host, as it was known at one time.
struct ComplianceReader {
    let db: Database
    let host: HostName
    let hostID: Int64
    /// Nothing that is later than this counts, in milliseconds.
    let until: Int64
    let pathLimit: Int
    /// What holds for the fleet or parts of it; the judge picks what concerns the host.
    let stops: [ComplianceFacts.Stop]
    /// What was read for hosts before this one.
    let known: Known

    /// Findings about declared paths, by their digest: those of many hosts are the same.
    final class Known { var declared: [Data: [DeclaredFinding]] = [:] }

    /// Fleets have thousands of hosts: each statement is prepared once.
    private func first(_ sql: String, _ arguments: StatementArguments) throws -> Row? {
        try Row.fetchOne(db.cachedStatement(sql: sql), arguments: arguments)
    }

    private func all(_ sql: String, _ arguments: StatementArguments) throws -> [Row] {
        try Row.fetchAll(db.cachedStatement(sql: sql), arguments: arguments)
    }

    /// Observations in the order of their numbers, the newest first: the wanted one is among the first few.
    private static let observations = "observation INDEXED BY observationByHost"

    func facts() throws -> ComplianceFacts {
        let newest = try newestJudged() ?? 0
        let judgement = try judgement("1")
        let safety = try safety()
        var facts = ComplianceFacts(host: host, stops: stops)
        facts.observation = try observation()
        facts.judgement = judgement
        facts.completeJudgement = judgement?.isComplete == true ? judgement : try self.judgement("complete = 1")
        facts.lastBoot = try boot("1")
        facts.provenBoot = try boot("erasure = 'erased' AND retention IN ('kept', 'not-applicable') AND judgedAt <= ?2")
        (facts.atRisk, facts.paths, facts.declared) = (try atRisk(newest), try paths(newest), try declared(newest))
        facts.persistenceDigest = try persistenceDigest()
        (facts.blanks, facts.recordedBlank) = (try blanks(), try recordedBlank())
        (facts.safeSnapshots, facts.eraseGuard) = (safety.snapshots, safety.eraseGuard)
        return facts
    }

    /// The number of the newest judged observation.
    private func newestJudged() throws -> Int64? {
        try first(
            """
            SELECT id FROM \(Self.observations) WHERE hostID = ? AND state = 'judged' AND observedAt <= ?
            ORDER BY id DESC LIMIT 1
            """, [hostID, until])?["id"]
    }

    /// What the newest observation says of snapshots and of the erasing.
    private func safety() throws -> (snapshots: [SafeDataset]?, eraseGuard: EraseGuard?) {
        let row = try first(
            """
            SELECT safeSnapshots, eraseGuard FROM \(Self.observations)
            WHERE hostID = ? AND state <> 'recorded' AND observedAt <= ?
            ORDER BY id DESC LIMIT 1
            """, [hostID, until])
        return (
            try (row?["safeSnapshots"] as String?).map { try StoredJSON.value([SafeDataset].self, from: $0) },
            try row?.wordIfAny("eraseGuard")
        )
    }

    /// The blank that a person had recorded last, and that was not forgotten by then.
    private func recordedBlank() throws -> String? {
        try first(
            """
            SELECT guid FROM blank
            WHERE hostID = ?1 AND recordedAt <= ?2 AND coalesce(forgottenAt > ?2, 1)
            ORDER BY recordedAt DESC, id DESC LIMIT 1
            """, [hostID, until])?["guid"]
    }

    private func observation() throws -> ComplianceFacts.Observation? {
        try first(
            """
            SELECT observedAt, reachable, complete, strategy, evidenceID, gaps FROM \(Self.observations)
            WHERE hostID = ? AND state <> 'recorded' AND observedAt <= ?
            ORDER BY id DESC LIMIT 1
            """, [hostID, until]
        ).map { row in
            let stored: String = row["gaps"]
            let gaps = stored == "[]" ? [] : try StoredJSON.value([ProbeGap].self, from: stored)
            return ComplianceFacts.Observation(
                at: row.date("observedAt"), isReachable: row["reachable"], isComplete: row["complete"],
                strategy: try row.wordIfAny("strategy"), evidence: row["evidenceID"],
                gaps: gaps.prefix(20).map { gap in
                    gap.message.isEmpty ? "\(gap.probe): \(gap.reason.rawValue)" : "\(gap.probe): \(gap.message)"
                })
        }
    }

    private func judgement(_ condition: String) throws -> ComplianceFacts.Observation? {
        try first(
            """
            SELECT observedAt, complete, judgementID FROM \(Self.observations)
            WHERE hostID = ? AND state = 'judged' AND observedAt <= ? AND \(condition)
            ORDER BY id DESC LIMIT 1
            """, [hostID, until]
        ).map { row in
            ComplianceFacts.Observation(
                at: row.date("observedAt"), isComplete: row["complete"], evidence: row["judgementID"])
        }
    }

    private func boot(_ condition: String) throws -> ComplianceFacts.Boot? {
        let row = try first(
            """
            SELECT boot.*, (SELECT bootIDBefore FROM attempt WHERE attempt.id = attemptID)
              AS previous
            FROM boot WHERE hostID = ?1 AND firstSeenAt <= ?2 AND \(condition)
            ORDER BY firstSeenAt DESC, lastSeenAt DESC LIMIT 1
            """, [hostID, until])
        guard let row else { return nil }
        let isKnown = (row["judgedAt"] as Int64?).map { $0 <= until } ?? false
        return ComplianceFacts.Boot(
            bootID: try row.boot("bootID"), firstSeen: row.date("firstSeenAt"),
            judgedAt: isKnown ? row.dateIfAny("judgedAt") : nil, verdict: isKnown ? try BootTable.verdict(row) : nil,
            previous: try row.bootIfAny("previous"), evidence: isKnown ? row["evidenceID"] : nil)
    }

    /// The rows that were open when that observation was the newest.
    private static let openThen = """
        (SELECT path, kind, verdict, class, size, reason, suggestion, firstID FROM driftOpen
          WHERE hostID = ?1 AND firstID <= ?2 AND verdict IN ('leaked', 'unexplained')
         UNION ALL
         SELECT path, kind, verdict, class, size, reason, suggestion, firstID
          FROM driftClosed INDEXED BY driftClosedByEnd
          WHERE hostID = ?1 AND firstID <= ?2 AND closedID > ?2
            AND verdict IN ('leaked', 'unexplained'))
        """

    private func atRisk(_ newest: Int64) throws -> [ComplianceFacts.AtRisk] {
        try all(
            """
            SELECT verdict, observedAt, count(*) AS count,
              coalesce(sum(iif(size > 0, size, 0)), 0) AS bytes
            FROM \(Self.openThen) JOIN observation ON observation.id = firstID
            GROUP BY verdict, firstID ORDER BY verdict, firstID
            """, [hostID, newest]
        ).map { row in
            ComplianceFacts.AtRisk(
                verdict: try row.word("verdict"), firstSeen: row.date("observedAt"), count: row["count"],
                bytes: row["bytes"])
        }
    }

    private func paths(_ newest: Int64) throws -> [ComplianceFacts.Path] {
        try all(
            """
            SELECT path, open.kind, verdict, class, size, reason, suggestion, observedAt
            FROM \(Self.openThen) AS open JOIN observation ON observation.id = firstID
            ORDER BY verdict, firstID, path LIMIT ?3
            """, [hostID, newest, max(0, pathLimit)]
        ).map { row in
            ComplianceFacts.Path(
                path: BytePath(bytes: row["path"] as Data), kind: try row.word("kind"),
                verdict: try row.word("verdict"), stateClass: try row.word("class"), size: row["size"],
                firstSeen: row.date("observedAt"), reason: row["reason"], suggestion: row["suggestion"])
        }
    }

    private func declared(_ newest: Int64) throws -> [DeclaredFinding] {
        let digest: Data? = try first("SELECT findingsDigest FROM observation WHERE id = ?", [newest])?[
            "findingsDigest"]
        guard let digest else { return [] }
        if let findings = known.declared[digest] { return findings }
        let findings = try Content.value([DeclaredFinding].self, at: digest, in: db) ?? []
        known.declared[digest] = findings
        return findings
    }

    private func persistenceDigest() throws -> String? {
        try first(
            """
            SELECT digest FROM hostPersistence WHERE hostID = ? AND fromAt <= ?
            ORDER BY fromAt DESC LIMIT 1
            """, [hostID, until]
        ).map { Hex.text($0["digest"] as Data) }
    }

    private func blanks() throws -> [ComplianceFacts.Blank] {
        try all(
            """
            SELECT value, firstSeenAt, lastSeenAt FROM identity
            WHERE hostID = ?1 AND kind = 'blank' AND firstSeenAt <= ?2
            ORDER BY min(lastSeenAt, ?2) DESC, firstSeenAt DESC, value
            """, [hostID, until]
        ).map { row in
            ComplianceFacts.Blank(
                identity: row["value"], firstSeen: row.date("firstSeenAt"),
                // Later sightings were not known then.
                lastSeen: Date(milliseconds: min(row["lastSeenAt"], until)))
        }
    }
}
