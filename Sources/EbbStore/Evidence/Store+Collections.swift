package import EbbModel
package import FoundationEssentials
import GRDB

extension Store {
    /// Keeps what a host sent, before anything is concluded from it.
    ///
    /// A boot id that is given is noted as seen. For a host that did not answer, `parts` holds what
    /// there is, or nothing.
    package func recordEvidence(
        host: HostName, kind: CollectionKind = .drift, at: Date, bootID: BootID? = nil,
        parts: [EvidencePart], toolVersion: String
    ) async throws(StoreError) -> CollectionID {
        try await write { db in
            let evidence = try EvidenceChain.append(
                .raw, host: host, at: at, bootID: bootID,
                detail: ["kind": kind.rawValue, "toolVersion": toolVersion], parts: parts, in: db)
            let hostID = try HostTable.id(of: host, in: db)
            if let bootID { try BootTable.see(bootID, hostID: hostID, at: at, in: db) }
            try db.execute(
                sql: """
                    INSERT INTO collection
                      (hostID, kind, observedAt, bootID, toolVersion, evidenceID, state)
                    VALUES (?, ?, ?, ?, ?, ?, 'recorded')
                    """,
                arguments: [
                    hostID, kind.rawValue, at.milliseconds, bootID?.text, toolVersion,
                    evidence.value,
                ])
            return CollectionID(db.lastInsertedRowID)
        }
    }

    /// Keeps what was read in a collection: facts, strategy and gaps, not the changed paths.
    ///
    /// The boot id, machine id and root identity among the facts are noted as seen.
    package func recordObservation(
        _ collection: CollectionID, _ observation: Observation
    ) async throws(StoreError) {
        try await write { db in
            let row = try CollectionTable.row(collection, in: db)
            guard row.state != "judged" else {
                throw StoreError(.outOfOrder, "collection \(collection.value) is already judged")
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
                    UPDATE collection SET state = 'observed', reachable = ?, complete = ?,
                      strategy = ?, hostClock = ?, uptime = ?, factsDigest = ?, gaps = ?,
                      bootID = COALESCE(?, bootID), safeSnapshots = ?, eraseGuard = ?
                    WHERE id = ?
                    """,
                arguments: [
                    isReachable, observation.isComplete, observation.strategy?.rawValue,
                    facts.clock?.milliseconds, facts.uptime.flatMap { $0.isFinite ? $0 : nil },
                    Data(digest), try StoredJSON.text(of: observation.gaps), facts.bootID?.text,
                    try facts.safeSnapshots.map { try StoredJSON.text(of: $0) },
                    facts.eraseGuard?.rawValue, collection.value,
                ])
            try IdentityTable.see(
                facts, hostID: row.hostID, at: observation.observedAt, in: db)
        }
    }

    /// The newest look at a host that was read, complete or not, reachable or not.
    package func latestCollection(
        of host: HostName, kinds: Set<CollectionKind> = Set(CollectionKind.allCases),
        before: CollectionID? = nil
    ) async throws(StoreError) -> StoredCollection? {
        try await collections(
            of: host, kinds: kinds, states: ["observed", "judged"], before: before, limit: 1
        ).first
    }

    /// The newest look at a host from which drift was judged, complete or not.
    package func latestJudgement(
        of host: HostName, before: CollectionID? = nil
    ) async throws(StoreError) -> StoredCollection? {
        try await collections(of: host, states: ["judged"], before: before, limit: 1).first
    }

    /// A host's collections, newest first.
    package func history(
        of host: HostName, limit: Int = 100
    ) async throws(StoreError) -> [StoredCollection] {
        try await collections(
            of: host, states: ["recorded", "observed", "judged"], before: nil, limit: limit)
    }

    /// One collection; throws `notFound` where there is none.
    package func collection(_ id: CollectionID) async throws(StoreError) -> StoredCollection {
        try await read { try CollectionTable.stored(CollectionTable.row(id, in: $0), in: $0) }
    }

    /// Collections whose evidence was kept and then not judged, because Ebb ended in between.
    package func unjudgedCollections() async throws(StoreError) -> [StoredCollection] {
        try await read { db in
            try CollectionTable.rows(
                db, "WHERE state = 'recorded' ORDER BY id", arguments: []
            ).map { try CollectionTable.stored($0, in: db) }
        }
    }

    /// The parts of one evidence row, so that old evidence can be judged again.
    package func evidenceParts(
        _ id: EvidenceID
    ) async throws(StoreError) -> [StoredEvidencePart] {
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
                    name: row["name"], digest: Hex.text(digest),
                    originalSize: row["originalSize"], bytes: try Content.bytes(digest, in: db))
            }
        }
    }

    /// Every host that was ever seen, sorted by name.
    package func hosts() async throws(StoreError) -> [HostName] {
        try await read { db in
            try String.fetchAll(db, sql: "SELECT name FROM host ORDER BY name")
                .map(HostTable.name)
        }
    }

    private func collections(
        of host: HostName, kinds: Set<CollectionKind> = Set(CollectionKind.allCases),
        states: [String], before: CollectionID?, limit: Int
    ) async throws(StoreError) -> [StoredCollection] {
        try await read { db in
            guard let hostID = try HostTable.find(host, in: db) else { return [] }
            let kindList = kinds.map { "'\($0.rawValue)'" }.sorted().joined(separator: ",")
            let stateList = states.map { "'\($0)'" }.joined(separator: ",")
            return try CollectionTable.rows(
                db,
                """
                WHERE hostID = ? AND kind IN (\(kindList)) AND state IN (\(stateList))
                  AND id < ? ORDER BY id DESC LIMIT ?
                """,
                arguments: [hostID, before?.value ?? Int64.max, limit]
            ).map { try CollectionTable.stored($0, in: db) }
        }
    }
}
