package import EbbModel
package import FoundationEssentials
import GRDB

extension Store {
    /// Keeps what a host sent, before anything is concluded from it.
    ///
    /// A boot id that is given is noted as seen. For a host that did not answer, `parts` holds what
    /// there is, or nothing.
    package func recordEvidence(
        host: HostName, kind: ObservationKind = .drift, at: Date, bootID: BootID? = nil, parts: [EvidencePart],
        toolVersion: String
    ) async throws(StoreError) -> ObservationID {
        try await write { db in
            let evidence = try EvidenceChain.append(
                .raw, host: host, at: at, bootID: bootID, detail: ["kind": kind.rawValue, "toolVersion": toolVersion],
                parts: parts, in: db)
            let hostID = try db.id(of: host)
            if let bootID { try BootTable.see(bootID, hostID: hostID, at: at, in: db) }
            try db.insert(
                "INTO observation",
                [
                    "hostID": hostID, "kind": kind.rawValue, "observedAt": at.milliseconds, "bootID": bootID?.text,
                    "toolVersion": toolVersion, "evidenceID": evidence.value, "state": "recorded",
                ])
            return ObservationID(db.lastInsertedRowID)
        }
    }

    /// Keeps what was read in an observation: facts, strategy and gaps, not the changed paths.
    ///
    /// The boot id, machine id and root identity among the facts are noted as seen.
    package func recordObservation(_ id: ObservationID, _ observation: Observation) async throws(StoreError) {
        try await write { db in
            let row = try ObservationTable.row(id, in: db)
            guard row.state != "judged" else {
                throw StoreError(.outOfOrder, "observation \(id.value) is already judged")
            }
            let facts = observation.facts
            // Clock and uptime differ every time; without them, equal facts are stored once.
            var stable = facts
            stable.clock = nil
            stable.uptime = nil
            let digest = try Content.store(try StoredJSON.bytes(of: stable), in: db)
            let isReachable = !observation.gaps.contains { $0.reason == .unreachable }
            try db.execute(
                sql: """
                    UPDATE observation SET state = 'observed', reachable = ?, complete = ?,
                      strategy = ?, hostClock = ?, uptime = ?, factsDigest = ?, gaps = ?,
                      bootID = COALESCE(?, bootID), safeSnapshots = ?, eraseGuard = ?,
                      blankState = ?
                    WHERE id = ?
                    """,
                arguments: [
                    isReachable, observation.isComplete, observation.strategy?.rawValue, facts.clock?.milliseconds,
                    facts.uptime.flatMap { $0.isFinite ? $0 : nil }, Data(digest),
                    try StoredJSON.text(of: observation.gaps), facts.bootID?.text,
                    try facts.safeSnapshots.map { try StoredJSON.text(of: $0) }, facts.eraseGuard?.rawValue,
                    try facts.blankState.map { try StoredJSON.text(of: $0) }, id.value,
                ])
            try IdentityTable.see(facts, hostID: row.hostID, at: observation.observedAt, in: db)
        }
    }

    /// The newest observation of a host that was read, complete or not, reachable or not.
    package func latestObservation(
        of host: HostName, kinds: Set<ObservationKind> = Set(ObservationKind.allCases), before: ObservationID? = nil
    ) async throws(StoreError) -> StoredObservation? {
        try await observations(of: host, kinds: kinds, states: ["observed", "judged"], before: before, limit: 1).first
    }

    /// The newest observation of a host from which drift was judged, complete or not.
    package func latestJudgement(of host: HostName, before: ObservationID? = nil) async throws(StoreError)
        -> StoredObservation?
    { try await observations(of: host, states: ["judged"], before: before, limit: 1).first }

    /// The newest judged observation that reached the host.
    package func latestSighting(of host: HostName) async throws(StoreError) -> StoredObservation? {
        try await read(of: host, none: nil) { db, hostID in
            try ObservationTable.newest(of: hostID, "state = 'judged' AND reachable = 1", in: db).map {
                try ObservationTable.stored($0, in: db)
            }
        }
    }

    /// A host's observations, newest first.
    package func history(of host: HostName, limit: Int = 100) async throws(StoreError) -> [StoredObservation] {
        try await observations(of: host, states: ["recorded", "observed", "judged"], before: nil, limit: limit)
    }

    /// One observation; throws `notFound` where there is none.
    package func observation(_ id: ObservationID) async throws(StoreError) -> StoredObservation {
        try await read { try ObservationTable.stored(ObservationTable.row(id, in: $0), in: $0) }
    }

    /// Every host that was ever seen, sorted by name.
    package func hosts() async throws(StoreError) -> [HostName] {
        try await read { db in
            try String.fetchAll(db, sql: "SELECT name FROM host ORDER BY name").map(HostName.init(stored:))
        }
    }

    private func observations(
        of host: HostName, kinds: Set<ObservationKind> = Set(ObservationKind.allCases), states: [String],
        before: ObservationID?, limit: Int
    ) async throws(StoreError) -> [StoredObservation] {
        try await read(of: host, none: []) { db, hostID in
            let kindList = kinds.map { "'\($0.rawValue)'" }.sorted().joined(separator: ",")
            let stateList = states.map { "'\($0)'" }.joined(separator: ",")
            return try ObservationTable.rows(
                db,
                """
                WHERE hostID = ? AND kind IN (\(kindList)) AND state IN (\(stateList))
                  AND id < ? ORDER BY id DESC LIMIT ?
                """, arguments: [hostID, before?.value ?? Int64.max, limit]
            ).map { try ObservationTable.stored($0, in: db) }
        }
    }
}

/// One look at one host, as it is stored.
package struct StoredObservation: Sendable, Hashable {
    package let id: ObservationID
    package let host: HostName
    package let kind: ObservationKind
    package let observedAt: Date
    package let bootID: BootID?
    package let toolVersion: String
    /// The raw output it rests on.
    package let evidence: EvidenceID
    /// What was read in the raw output; `nil`: Ebb ended before it could read it.
    package let observation: ObservationSummary?
    /// What was concluded; `nil`: nothing was, or not yet.
    package let judgement: JudgementSummary?
}

/// What an observation says of its host, without the changed paths.
package struct ObservationSummary: Sendable, Hashable {
    /// Whether the host answered at all.
    package let isReachable: Bool
    /// Whether nothing is missing.
    package let isComplete: Bool
    package let strategy: Strategy?
    /// The facts; `nil` when they were pruned.
    package let facts: HostFacts?
    package let gaps: [ProbeGap]
}

/// What was concluded from an observation, in numbers.
package struct JudgementSummary: Sendable, Hashable {
    /// The verdict's row in the evidence chain.
    package let evidence: EvidenceID
    package let counts: DriftCounts
    /// What was found of each declared path; `nil` when it was pruned.
    package let declared: [DeclaredFinding]?
}

/// How many changed paths have each verdict, and how many bytes are at risk.
package struct DriftCounts: Sendable, Hashable, Codable {
    /// Paths per verdict; a verdict that no path has may be missing.
    package var paths: [String: Int]
    /// Bytes of the `unexplained` and `leaked` paths, as far as their sizes are known.
    package var bytes: [String: Int64]

    package init(_ entries: some Sequence<DriftEntry>) {
        (paths, bytes) = ([:], [:])
        for entry in entries { add(entry) }
    }

    /// Counts one more path.
    package mutating func add(_ entry: DriftEntry) {
        let verdict = entry.verdict.rawValue
        paths[verdict, default: 0] += 1
        guard entry.verdict.isAtRisk else { return }
        // A host says what it likes of its sizes: they add up to the most there is, and no further.
        bytes[verdict] = bytes[verdict, default: 0].addingClamped(max(0, entry.change.size ?? 0))
    }

    /// How many paths have the verdict.
    package func count(of verdict: PathVerdict) -> Int { paths[verdict.rawValue] ?? 0 }

    /// How many bytes the paths of the verdict have; 0 unless it is a verdict at risk.
    package func bytes(of verdict: PathVerdict) -> Int64 { bytes[verdict.rawValue] ?? 0 }
}

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
            id: ObservationID(row.id), host: try HostName(stored: row.hostName), kind: kind,
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
        guard let evidence = row.judgementID, let counts = row.counts else { return nil }
        return JudgementSummary(
            evidence: EvidenceID(evidence), counts: try StoredJSON.value(DriftCounts.self, from: counts),
            declared: try row.findingsDigest.flatMap { try Content.value([DeclaredFinding].self, at: $0, in: db) })
    }
}

/// What an observation was made for.
package enum ObservationKind: String, Sendable, Codable, CaseIterable {
    /// `ebb drift` and its schedule.
    case drift
    /// The read-only questions before a reboot.
    case preflight
    /// The proof after a reboot.
    case proof
    /// The first complete observation, against which later ones are compared.
    case baseline
    /// `ebb doctor`.
    case doctor
}
