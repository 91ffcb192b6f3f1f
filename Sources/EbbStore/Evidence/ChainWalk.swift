import Crypto
import EbbModel
import FoundationEssentials
import GRDB

/// One walk over the evidence, collecting what is not as it was written.
struct ChainWalk {
    private let db: Database
    private var length = 0
    private var head = EvidenceChain.origin
    private var prunedParts = 0
    private var faults: [ChainReport.Fault] = []

    init(_ db: Database) { self.db = db }

    func report() -> ChainReport {
        ChainReport(
            length: length, head: Hex.text(head), prunedParts: prunedParts,
            faults: faults.sorted { $0.evidence < $1.evidence })
    }

    private mutating func fault(_ id: Int64, _ message: String) {
        faults.append(ChainReport.Fault(evidence: EvidenceID(id), message: message))
    }

    mutating func chain(expecting: ChainHead?) throws {
        var expected = expecting.map { $0.length == 0 } ?? true
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT evidence.*, (SELECT name FROM host WHERE host.id = hostID) AS hostName
                FROM evidence ORDER BY id
                """)
        while let row = try rows.next() {
            let id: Int64 = row["id"]
            if id != Int64(length) + 1 { fault(id, "row \(length + 1) of the chain is missing") }
            let previous: Data = row["previousHash"]
            let stored: Data = row["hash"]
            let computed = EvidenceChain.hash(
                of: EvidenceChain.Link(
                    id: id, host: row["hostName"], kind: row["kind"], recordedAt: row["recordedAt"],
                    bootID: row["bootID"], detail: row["detail"], parts: try parts(of: id),
                    previousHash: Array(previous)))
            if Array(stored) != computed {
                fault(id, "the row was changed after it was written")
            } else if Array(previous) != head {
                fault(id, "the row does not follow the one before it")
            }
            length = Int(id)
            head = Array(stored)
            if let expecting, expecting.length == length { expected = expecting.hash == Hex.text(head) }
        }
        if !expected, let expecting {
            fault(
                Int64(expecting.length),
                length < expecting.length
                    ? "the chain is shorter than when it was exported" : "the chain is not the one that was exported")
        }
    }

    private func parts(of evidence: Int64) throws -> [EvidenceChain.Part] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT name, digest, originalSize FROM evidencePart
                WHERE evidenceID = ? ORDER BY ordinal
                """, arguments: [evidence]
        ).map {
            EvidenceChain.Part(name: $0["name"], digest: Array($0["digest"] as Data), originalSize: $0["originalSize"])
        }
    }

    /// Unpacks everything that is kept, and compares it with its digest.
    mutating func contents() throws {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT digest, bytes IS NULL AS isPruned, coalesce(
                  (SELECT min(evidenceID) FROM evidencePart WHERE evidencePart.digest = content.digest),
                  (SELECT min(evidenceID) FROM observation WHERE factsDigest = content.digest),
                  (SELECT min(judgementID) FROM observation WHERE findingsDigest = content.digest),
                  0) AS user
                FROM content
                """)
        while let row = try rows.next() {
            if row["isPruned"] {
                prunedParts += 1
                continue
            }
            let digest: Data = row["digest"]
            let bytes: [UInt8]?
            do { bytes = try Content.bytes(digest, in: db) } catch is StoreError { bytes = nil }
            if bytes.map({ Data(SHA256.hash(data: $0)) }) != digest {
                fault(row["user"], "raw output was changed after it was stored")
            }
        }
    }

    /// Compares observations with what their judgements' rows in the chain say, and the newest
    /// judgement of each host with the paths that are stored.
    ///
    /// What cannot be read is named like what was changed, and the walk goes on.
    mutating func judgements() throws {
        let newest = Set(
            try Int64.fetchAll(db, sql: "SELECT max(id) FROM observation WHERE state = 'judged' GROUP BY hostID"))
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT *, (SELECT name FROM host WHERE host.id = hostID) AS hostName
                FROM observation WHERE state = 'judged' ORDER BY id
                """)
        while let stored = try rows.next() {
            let evidence: Int64 = stored["judgementID"] ?? 0
            let id: Int64 = stored["id"]
            guard let row = try? ObservationTable.Record(row: stored), try isAsJudged(row) == true else {
                fault(evidence, "observation \(id) is not what was judged")
                continue
            }
            if newest.contains(id), try openDigest(row) != row.entriesDigest {
                fault(evidence, "the stored paths of \(row.hostName) are not what was judged")
            }
        }
    }

    /// Whether an observation says what its judgement says; `nil` where either cannot be read.
    private func isAsJudged(_ row: ObservationTable.Record) throws -> Bool? {
        guard
            let evidence = try Row.fetchOne(
                db, sql: "SELECT * FROM evidence WHERE id = ?", arguments: [row.judgementID]),
            let detail = try? StoredJSON.value(JudgementDetail.self, from: evidence["detail"] as String),
            let counts = try? StoredJSON.value(DriftCounts.self, from: row.counts ?? "")
        else { return nil }
        let stored = JudgementDetail(
            observation: row.id, rawEvidence: row.evidenceID, isComplete: row.complete ?? false,
            isReachable: row.reachable ?? false, entries: Hex.text(row.entriesDigest ?? Data()),
            declared: Hex.text(row.findingsDigest ?? Data()), counts: counts)
        // The trend adds these up instead of the counts.
        let isSameSum =
            row.unexplainedPaths == counts.count(of: .unexplained) && row.leakedPaths == counts.count(of: .leaked)
        return stored == detail && isSameSum && evidence["hostID"] as Int64? == row.hostID
            && evidence["recordedAt"] as Int64 == row.observedAt && evidence["bootID"] as String? == row.bootID
    }

    /// The digest of the paths that are stored; `nil` where one of them cannot be read.
    private func openDigest(_ row: ObservationTable.Record) throws -> Data? {
        var digest = EntriesDigest()
        let condition = row.complete == true ? "1" : "partialID = \(row.entriesID ?? 0)"
        do {
            try DriftTable.forEachOpen(hostID: row.hostID, where: condition, in: db) { entry, _ in digest.add(entry) }
        } catch let error as StoreError where error.code == .corrupt { return nil }
        return Data(digest.finish())
    }

    /// Compares the journal and the boots with their rows in the chain.
    mutating func journal() throws {
        let events = try Row.fetchAll(
            db,
            sql: """
                SELECT attemptEvent.state AS eventState, attemptEvent.detail AS eventDetail,
                  evidence.detail, evidence.id AS evidence, at, recordedAt,
                  attempt.state AS attemptState,
                  attemptEvent.id = (SELECT max(id) FROM attemptEvent AS other
                    WHERE other.attemptID = attempt.id) AS isLast
                FROM attemptEvent JOIN evidence ON evidence.id = evidenceID
                  JOIN attempt ON attempt.id = attemptID
                """)
        for row in events {
            let id: Int64 = row["evidence"]
            let detail = try? StoredJSON.value(AttemptTable.Detail.self, from: row["detail"] as String)
            let stored = try? StoredJSON.value([String: String].self, from: row["eventDetail"] as String)
            if detail?.state != row["eventState"] || detail?.detail != stored || row["at"] != row["recordedAt"] as Int64
            {
                fault(id, "a line of the journal is not what was written")
            } else if row["isLast"], detail?.state != row["attemptState"] {
                fault(id, "an attempt's state is not that of its journal")
            }
        }
        let boots = try Row.fetchAll(
            db,
            sql: """
                SELECT boot.*, evidence.detail FROM boot JOIN evidence ON evidence.id = evidenceID
                """)
        for row in boots {
            let detail = try? StoredJSON.value(BootDetail.self, from: row["detail"] as String)
            let verdict = try? BootTable.verdict(row)
            if detail?.verdict != verdict { fault(row["evidenceID"], "a boot's verdict is not what was concluded") }
        }
    }

    /// What people accepted of hosts decides verdicts as the journal does.
    mutating func acceptances() throws {
        let rows = try Row.fetchAll(
            db,
            sql:
                "SELECT hostAcceptance.*, evidence.detail FROM hostAcceptance JOIN evidence ON evidence.id = evidenceID"
        )
        for row in rows {
            let detail = try? StoredJSON.value(AcceptanceDetail.self, from: row["detail"] as String)
            if detail?.isRow(row) != true { fault(row["evidenceID"], "what a person accepted is not what was written") }
        }
    }
}
