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
            let hostID = try HostTable.id(of: host, in: db)
            if let bootID { try BootTable.see(bootID, hostID: hostID, at: at, in: db) }
            try db.execute(
                sql: """
                    INSERT INTO observation
                      (hostID, kind, observedAt, bootID, toolVersion, evidenceID, state)
                    VALUES (?, ?, ?, ?, ?, ?, 'recorded')
                    """, arguments: [hostID, kind.rawValue, at.milliseconds, bootID?.text, toolVersion, evidence.value])
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
                      bootID = COALESCE(?, bootID), safeSnapshots = ?, eraseGuard = ?
                    WHERE id = ?
                    """,
                arguments: [
                    isReachable, observation.isComplete, observation.strategy?.rawValue, facts.clock?.milliseconds,
                    facts.uptime.flatMap { $0.isFinite ? $0 : nil }, Data(digest),
                    try StoredJSON.text(of: observation.gaps), facts.bootID?.text,
                    try facts.safeSnapshots.map { try StoredJSON.text(of: $0) }, facts.eraseGuard?.rawValue, id.value,
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

    /// A host's observations, newest first.
    package func history(of host: HostName, limit: Int = 100) async throws(StoreError) -> [StoredObservation] {
        try await observations(of: host, states: ["recorded", "observed", "judged"], before: nil, limit: limit)
    }

    /// One observation; throws `notFound` where there is none.
    package func observation(_ id: ObservationID) async throws(StoreError) -> StoredObservation {
        try await read { try ObservationTable.stored(ObservationTable.row(id, in: $0), in: $0) }
    }

    /// Observations whose evidence was kept and then not judged, because Ebb ended in between.
    package func unjudgedObservations() async throws(StoreError) -> [StoredObservation] {
        try await read { db in
            try ObservationTable.rows(db, "WHERE state = 'recorded' ORDER BY id", arguments: []).map {
                try ObservationTable.stored($0, in: db)
            }
        }
    }

    /// The parts of one evidence row, so that old evidence can be judged again.
    package func evidenceParts(_ id: EvidenceID) async throws(StoreError) -> [StoredEvidencePart] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT name, digest, originalSize FROM evidencePart
                    WHERE evidenceID = ? ORDER BY ordinal
                    """, arguments: [id.value]
            ).map { row in
                let digest: Data = row["digest"]
                return StoredEvidencePart(
                    name: row["name"], digest: Hex.text(digest), originalSize: row["originalSize"],
                    bytes: try Content.bytes(digest, in: db))
            }
        }
    }

    /// Every host that was ever seen, sorted by name.
    package func hosts() async throws(StoreError) -> [HostName] {
        try await read { db in try String.fetchAll(db, sql: "SELECT name FROM host ORDER BY name").map(HostTable.name) }
    }

    private func observations(
        of host: HostName, kinds: Set<ObservationKind> = Set(ObservationKind.allCases), states: [String],
        before: ObservationID?, limit: Int
    ) async throws(StoreError) -> [StoredObservation] {
        try await read { db in
            guard let hostID = try HostTable.find(host, in: db) else { return [] }
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
