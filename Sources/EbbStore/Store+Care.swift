import EbbModel
package import FoundationEssentials
import GRDB
import Glibc

/// What SQLite itself says of the database file.
package struct DatabaseCheck: Sendable, Hashable, Codable {
    /// What is wrong, one sentence each; empty: nothing.
    package let problems: [String]
    /// Bytes of the database, without its log.
    package let size: Int64
    /// Bytes that hold nothing and that SQLite will use again.
    package let free: Int64
    /// Rows by table.
    package let rows: [String: Int]
}

/// What a pruning removed.
package struct PruneReport: Sendable, Hashable, Codable {
    /// Pieces of raw output; their digests stay in the chain.
    package let parts: Int
    /// Bytes of raw output, as they were stored.
    package let bytes: Int64
    /// Closed intervals of drift.
    package let intervals: Int
}

extension Store {
    /// Asks SQLite to read every page, and compares indexes and references with the tables.
    package func check() async throws(StoreError) -> DatabaseCheck {
        try await read { db in
            var problems: [String] = []
            do {
                problems = try String.fetchAll(db, sql: "PRAGMA integrity_check(100)").filter { $0 != "ok" }
                for row in try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").prefix(100) {
                    let (table, parent): (String, String) = (row["table"], row["parent"])
                    problems.append("a row of \(table) names a row of \(parent) that is not there")
                }
            } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
                // The damage that ends the search is one as well.
                problems.append(error.message ?? "a page cannot be read")
            }
            let page = try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 0
            let pages = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            let free = try Int64.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
            var rows: [String: Int] = [:]
            for table in try String.fetchAll(
                db,
                sql: """
                    SELECT name FROM sqlite_schema
                    WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'grdb%'
                    """)
            {
                do { rows[table] = try Int.fetchOne(db, sql: "SELECT count(*) FROM \"\(table)\"") } catch let error
                    as DatabaseError where error.resultCode == .SQLITE_CORRUPT
                { problems.append("the rows of \(table) cannot be counted") }
            }
            return DatabaseCheck(
                problems: problems.map { PrintableText.line($0) }, size: page * pages, free: page * free, rows: rows)
        }
    }

    /// Writes a whole copy of the database, while others go on using it.
    ///
    /// The copy is made beside its final name and renamed when it is complete and synced; a file of
    /// that name is replaced. It is readable by its owner only.
    package func backup(to path: String) async throws(StoreError) {
        // A name that nobody has: another backup, or what a crash left of one, stays as it is.
        let partial = path + "." + String(UInt64.random(in: .min ... .max), radix: 36) + ".partial"
        let files = FileManager.default
        do {
            // Made first, so that no moment exists in which others could read it.
            let descriptor = Glibc.open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else {
                throw StoreError(
                    .cannotOpen,
                    "cannot write the copy to \(PrintableText.line(path)): \(String(cString: strerror(errno)))")
            }
            close(descriptor)
            try await database.writeWithoutTransaction { db in
                try db.execute(sql: "VACUUM INTO ?", arguments: [partial])
            }
            try Durable.sync(partial)
            try Durable.rename(partial, to: path)
        } catch {
            try? files.removeItem(atPath: partial)
            throw StoreError(reading: error, of: database.path)
        }
    }

    /// Removes raw output and closed intervals that are older than `before`.
    ///
    /// Kept, however old: every row of the chain, all that a host's newest observation, newest
    /// complete one, newest judged boot and last proven boot rest on, everything of attempts that are not
    /// decided, and whatever newer rows share. The chain still verifies afterwards. What was known
    /// before that time cannot be asked any more: `complianceFacts` then refuses.
    package func prune(before: Date, now: Date = Date()) async throws(StoreError) -> PruneReport {
        let report = try await write { db in
            let time = before.milliseconds
            try db.execute(sql: "CREATE TEMP TABLE keptEvidence (id INTEGER NOT NULL PRIMARY KEY)")
            try db.execute(sql: Self.keptEvidence, arguments: [time])
            defer { try? db.execute(sql: "DROP TABLE temp.keptEvidence") }
            let old = """
                bytes IS NOT NULL
                AND (EXISTS (SELECT 1 FROM evidencePart
                    WHERE evidencePart.digest = content.digest)
                  OR EXISTS (SELECT 1 FROM observation WHERE factsDigest = content.digest))
                AND NOT EXISTS (SELECT 1 FROM evidencePart JOIN temp.keptEvidence
                  ON keptEvidence.id = evidenceID WHERE evidencePart.digest = content.digest)
                AND NOT EXISTS (SELECT 1 FROM observation JOIN temp.keptEvidence
                  ON keptEvidence.id = evidenceID WHERE factsDigest = content.digest)
                AND NOT EXISTS (SELECT 1 FROM observation WHERE findingsDigest = content.digest)
                """
            let removed = try Row.fetchOne(
                db,
                sql: """
                    SELECT count(*) AS parts, coalesce(sum(length(bytes)), 0) AS bytes
                    FROM content WHERE \(old)
                    """)
            try db.execute(sql: "UPDATE content SET bytes = NULL WHERE \(old)")
            try db.execute(
                sql: """
                    DELETE FROM driftClosed WHERE closedID IN
                      (SELECT id FROM observation WHERE observedAt < ?)
                    """, arguments: [time])
            let intervals = db.changesCount
            try db.execute(
                sql: "INSERT INTO pruning (before, prunedAt) VALUES (?, ?)", arguments: [time, now.milliseconds])
            return PruneReport(parts: removed?["parts"] ?? 0, bytes: removed?["bytes"] ?? 0, intervals: intervals)
        }
        return report
    }

    /// The rows of the chain whose raw output stays.
    private static let keptEvidence = """
        INSERT OR IGNORE INTO temp.keptEvidence
        SELECT id FROM evidence WHERE recordedAt >= ?1
        UNION SELECT evidenceID FROM observation WHERE state = 'recorded'
        UNION SELECT evidenceID FROM observation WHERE id IN
          (SELECT max(id) FROM observation GROUP BY hostID
           UNION SELECT max(id) FROM observation WHERE state = 'judged' GROUP BY hostID
           UNION SELECT max(id) FROM observation WHERE complete = 1 AND state = 'judged'
             GROUP BY hostID)
        UNION SELECT evidenceID FROM observation WHERE id IN
          (SELECT firstID FROM driftOpen WHERE verdict IN ('leaked', 'unexplained'))
        UNION SELECT evidenceID FROM boot WHERE evidenceID IS NOT NULL AND
          (judgedAt = (SELECT max(judgedAt) FROM boot AS other WHERE other.hostID = boot.hostID)
           OR judgedAt = (SELECT max(judgedAt) FROM boot AS other
             WHERE other.hostID = boot.hostID AND erasure = 'erased' AND retention IN ('kept', 'not-applicable')))
        UNION SELECT attemptEvent.evidenceID FROM attemptEvent
          JOIN attempt ON attempt.id = attemptID
          JOIN rolloutHost USING (rolloutID, hostID)
          WHERE holds = 1 OR attempt.id IN
            (SELECT attemptID FROM boot WHERE
              judgedAt = (SELECT max(judgedAt) FROM boot AS other
                WHERE other.hostID = boot.hostID)
              OR judgedAt = (SELECT max(judgedAt) FROM boot AS other
                WHERE other.hostID = boot.hostID AND erasure = 'erased' AND retention IN ('kept', 'not-applicable')))
        """
}
