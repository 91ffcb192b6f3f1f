package import EbbModel
package import FoundationEssentials
import GRDB

extension Store {
    /// Everything that compliance rests on, for each host, in the given order.
    ///
    /// All hosts are read in one transaction, so that a report is of one moment. With `asOf`, what
    /// was known at that time: later observations, boots and verdicts are left out; a time before which the
    /// database was pruned is refused. Of the paths at risk at most `pathLimit` are named for a
    /// host; the numbers count all. What was accepted and is covered by none of a host's `acceptances` on the
    /// day of `now` is unexplained; hosts that are not in there keep what was judged.
    package func complianceFacts(
        for hosts: [HostName], asOf: Date? = nil, pathLimit: Int = 200, acceptances: [HostName: [Acceptance]] = [:],
        now: Date = Date()
    ) async throws(StoreError) -> [ComplianceFacts] {
        try await read { db in
            let until = asOf?.milliseconds ?? Int64.max
            try Self.refuseForgotten(until, in: db)
            let stops = try Self.stops(at: asOf ?? Date(), in: db)
            let known = ComplianceReader.Known()
            let today = CalendarDate(utc: asOf ?? now)
            return try hosts.map { host in
                guard let hostID = try db.find(host) else { return ComplianceFacts(host: host, stops: stops) }
                let reader = ComplianceReader(
                    db: db, host: host, hostID: hostID, until: until, pathLimit: pathLimit, stops: stops, known: known,
                    accepted: acceptances[host].map { AcceptedLosses($0) }, today: today)
                do { return try reader.facts() } catch let error as StoreError where error.code == .corrupt {
                    // One damaged row must not hide what is known of all other hosts.
                    var facts = ComplianceFacts(host: host, stops: stops)
                    facts.damage =
                        "What is stored of the host cannot be read: \(error.message); "
                        + "`ebb database verify` names the damage."
                    return facts
                }
            }
        }
    }

    /// Everything that compliance rests on, for one host.
    package func complianceFacts(for host: HostName, asOf: Date? = nil) async throws(StoreError) -> ComplianceFacts {
        try await complianceFacts(for: [host], asOf: asOf).first ?? ComplianceFacts(host: host)
    }

    /// Throws where what was known then was pruned: too little would be taken for good.
    private static func refuseForgotten(_ until: Int64, in db: Database) throws {
        let horizon = try Int64.fetchOne(db, sql: "SELECT max(before) FROM pruning") ?? Int64.min
        guard until < horizon else { return }
        let day = CalendarDate(daysSinceEpoch: Int(horizon / 86_400_000))
        throw StoreError(.notFound, "what was known before \(day) (UTC) was pruned and cannot be told any more")
    }

    /// The stop flags that held at that time, the newest first, each with its row of the chain.
    private static func stops(at time: Date, in db: Database) throws -> [ComplianceFacts.Stop] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT *, (SELECT min(id) FROM evidence
                  WHERE kind = 'stop' AND detail ->> '$.flag' = CAST(stopFlag.id AS TEXT))
                  AS evidence
                FROM stopFlag WHERE createdAt <= ?1
                  AND coalesce(removedAt > ?1, 1) AND coalesce(expiresAt > ?1, 1)
                ORDER BY id DESC
                """, arguments: [time.milliseconds]
        ).map { row in ComplianceFacts.Stop(flag: try StopFlag(row), evidence: row["evidence"]) }
    }
}

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
    /// What is accepted today; `nil`: that is not known.
    let accepted: AcceptedLosses?
    let today: CalendarDate

    /// Findings about declared paths, by their digest: those of many hosts are the same.
    final class Known { var declared: [Data: [DeclaredFinding]] = [:] }

    /// Fleets have thousands of hosts: each statement is prepared once.
    private func first(_ sql: String, _ arguments: StatementArguments) throws -> Row? {
        try Row.fetchOne(db.cachedStatement(sql: sql), arguments: arguments)
    }

    private func all(_ sql: String, _ arguments: StatementArguments) throws -> [Row] {
        try Row.fetchAll(db.cachedStatement(sql: sql), arguments: arguments)
    }

    func facts() throws -> ComplianceFacts {
        let seen = try observation("state <> 'recorded'")
        let judged = try observation("state = 'judged'")
        let newest: Int64 = judged?["id"] ?? 0
        let snapshots: String? = seen?["safeSnapshots"]
        var facts = ComplianceFacts(host: host, stops: stops)
        facts.observation = try seen.map(observed)
        facts.judgement = judged.map(judgement)
        facts.completeJudgement =
            facts.judgement?.isComplete == true
            ? facts.judgement : try observation("state = 'judged' AND complete = 1").map(judgement)
        facts.lastBoot = try boot("1")
        facts.provenBoot = try boot("erasure = 'erased' AND retention IN ('kept', 'not-applicable') AND judgedAt <= ?2")
        (facts.atRisk, facts.paths) = (try atRisk(newest), try paths(newest))
        if let accepted, let judged { try judgeAgain(accepted, newest: judged, &facts) }
        facts.declared = try declared(judged?["findingsDigest"])
        facts.persistenceDigest = try persistenceDigest()
        (facts.blanks, facts.recordedBlank) = (try blanks(), try recordedBlank())
        facts.safeSnapshots = try snapshots.map { try StoredJSON.value([SafeDataset].self, from: $0) }
        facts.eraseGuard = try seen?.wordIfAny("eraseGuard")
        facts.blankState = try (seen?["blankState"] as String?).map { try StoredJSON.value(BlankState.self, from: $0) }
        return facts
    }

    /// The newest observation of which this holds, found in the order of their numbers: it is among the first few.
    private func observation(_ condition: String) throws -> Row? {
        try first(
            """
            SELECT * FROM observation INDEXED BY observationByHost
            WHERE hostID = ? AND observedAt <= ? AND \(condition) ORDER BY id DESC LIMIT 1
            """, [hostID, until])
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

    private func observed(_ row: Row) throws -> ComplianceFacts.Observation {
        let stored: String = row["gaps"]
        let gaps = stored == "[]" ? [] : try StoredJSON.value([ProbeGap].self, from: stored)
        return ComplianceFacts.Observation(
            at: row.date("observedAt"), isReachable: row["reachable"], isComplete: row["complete"],
            strategy: try row.wordIfAny("strategy"), evidence: row["evidenceID"],
            gaps: gaps.prefix(20).map { gap in
                gap.message.isEmpty ? "\(gap.probe): \(gap.reason.rawValue)" : "\(gap.probe): \(gap.message)"
            })
    }

    private func judgement(_ row: Row) -> ComplianceFacts.Observation {
        ComplianceFacts.Observation(
            at: row.date("observedAt"), isComplete: row["complete"], evidence: row["judgementID"])
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
    private static let openThen = open("verdict IN ('leaked', 'unexplained')")
    private static let acceptedThen = open("verdict = 'accepted'")

    private static func open(_ verdicts: String) -> String {
        """
        (SELECT path, change, kind, verdict, class, size, reason, suggestion, firstID FROM driftOpen
          WHERE hostID = ?1 AND firstID <= ?2 AND \(verdicts)
         UNION ALL
         SELECT path, change, kind, verdict, class, size, reason, suggestion, firstID
          FROM driftClosed INDEXED BY driftClosedByEnd
          WHERE hostID = ?1 AND firstID <= ?2 AND closedID > ?2 AND \(verdicts))
        """
    }

    /// Counts what was accepted and is no longer covered among what is at risk: since the acceptance ended, or,
    /// where it was taken back, since the path was first seen.
    private func judgeAgain(_ accepted: AcceptedLosses, newest: Row, _ facts: inout ComplianceFacts) throws {
        // An incomplete judgement may not have seen what is accepted.
        if newest["complete"] == true, let counts: String = newest["counts"],
            try StoredJSON.value(DriftCounts.self, from: counts).count(of: .accepted) == 0
        {
            return
        }
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT path, change, open.kind, class, size, reason, observedAt
                    FROM \(Self.acceptedThen) AS open JOIN observation ON observation.id = firstID ORDER BY path
                    """), arguments: [hostID, newest["id"] as Int64])
        var sums: [Date: (count: Int, bytes: Int64)] = [:]
        while let row = try rows.next() {
            let entry = DriftEntry(
                change: PathChange(
                    path: BytePath(bytes: row["path"] as Data), change: try row.word("change"),
                    kind: try row.word("kind"), size: row["size"]), verdict: .accepted,
                stateClass: try row.word("class"), reason: row["reason"])
            let now = entry.rejudged(by: accepted, on: today)
            guard now.verdict == .unexplained else { continue }
            let since = max(row.date("observedAt"), accepted.endOfCover(entry) ?? .distantPast)
            var sum = sums[since] ?? (0, 0)
            sum = (sum.count + 1, sum.bytes.addingClamped(max(0, entry.change.size ?? 0)))
            sums[since] = sum
            if facts.paths.count < pathLimit {
                facts.paths.append(
                    ComplianceFacts.Path(
                        path: entry.change.path, kind: entry.change.kind, verdict: .unexplained,
                        stateClass: entry.stateClass, size: entry.change.size, firstSeen: since, reason: now.reason,
                        suggestion: now.suggestion))
            }
        }
        facts.atRisk += sums.sorted { $0.key < $1.key }.map {
            ComplianceFacts.AtRisk(
                verdict: .unexplained, firstSeen: $0.key, count: $0.value.count, bytes: $0.value.bytes)
        }
    }

    /// By verdict and first sighting; `sum` would fail where sizes that a host made up add up to too much.
    private func atRisk(_ newest: Int64) throws -> [ComplianceFacts.AtRisk] {
        try all(
            """
            SELECT verdict, observedAt, count(*) AS count, CAST(total(max(size, 0)) AS INTEGER) AS bytes
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

    private func declared(_ digest: Data?) throws -> [DeclaredFinding] {
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
