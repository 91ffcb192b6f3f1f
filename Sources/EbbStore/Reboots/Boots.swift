package import EbbModel
package import FoundationEssentials
import GRDB

/// One boot of a host, as far as it was seen.
package struct StoredBoot: Sendable, Hashable {
    package let bootID: BootID
    package let firstSeen: Date
    package let lastSeen: Date
    /// The attempt that ordered it; `nil`: Ebb did not.
    package let attempt: AttemptID?
    /// What is known of it; `nil`: nobody has judged it.
    package let verdict: BootVerdict?
    /// When it was judged.
    package let judgedAt: Date?
    /// The verdict's row in the evidence chain.
    package let evidence: EvidenceID?
}

extension Store {
    /// Keeps what was concluded about a boot, with what it rests on.
    ///
    /// A later verdict replaces an earlier one here; both stay in the evidence chain. `advance` does
    /// this by itself for the boots that it orders.
    package func recordBootVerdict(
        host: HostName, _ boot: BootID, _ verdict: BootVerdict, attempt: AttemptID? = nil, at: Date,
        parts: [EvidencePart] = []
    ) async throws(StoreError) {
        try await write { db in
            try BootTable.judge(boot, verdict, host: host, attempt: attempt, at: at, parts: parts, in: db)
        }
    }

    /// A host's boots, the most recently first seen first.
    package func boots(of host: HostName, limit: Int = 100) async throws(StoreError) -> [StoredBoot] {
        try await read(of: host, none: []) { db, hostID in
            return try BootTable.boots(
                db, "WHERE hostID = ? ORDER BY firstSeenAt DESC, lastSeenAt DESC LIMIT ?", arguments: [hostID, limit])
        }
    }

    /// Which database this is: sixteen hexadecimal digits that were made with it.
    package func controllerID() async throws(StoreError) -> String {
        try await read { db in
            guard let id = try String.fetchOne(db, sql: "SELECT id FROM controller") else {
                throw StoreError(.corrupt, "the database has lost its own id")
            }
            return id
        }
    }

    /// A token that nobody has used: `attempt` leaves it, or nobody in particular.
    package func newToken(of attempt: AttemptID?, random: String) async throws(StoreError) -> String {
        CanaryToken(controller: try await controllerID(), attempt: attempt?.value, random: random).text
    }

    /// What is known of a token that lies on a host where `expected` was left; `nil`: it is not of this database.
    package func origin(of token: String, on host: HostName, beside expected: String) async throws(StoreError)
        -> CanaryToken.Origin?
    {
        try await read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT name, max(canary.id) AS last,
                      (SELECT max(id) FROM canary AS other WHERE other.token = ?) AS expected
                    FROM canary JOIN host ON host.id = hostID WHERE token = ?
                    GROUP BY hostID ORDER BY name = ? DESC LIMIT 1
                    """, arguments: [expected, token, host.text])
            guard let row else { return nil }
            let (last, known) = (row["last"] as Int64, row["expected"] as Int64?)
            // One that Ebb left under another name of the machine is no other host's.
            let name = try row.host("name")
            let isOwn = try name == host || MachineTable.machines(in: db).names(of: host).contains(name)
            return isOwn && last > known ?? 0 ? .later : .earlier
        }
    }

    /// Keeps the tokens that are about to be written to a host during this boot.
    ///
    /// Those with a file have been written.
    package func recordCanaries(host: HostName, boot: BootID, attempt: AttemptID? = nil, _ canaries: [Canary], at: Date)
        async throws(StoreError)
    {
        try await write { db in
            let hostID = try db.id(of: host)
            try BootTable.see(boot, hostID: hostID, at: at, in: db)
            for canary in canaries {
                try db.insert(
                    "INTO canary",
                    [
                        "hostID": hostID, "bootID": boot.text, "attemptID": attempt?.value,
                        "polarity": canary.kind.rawValue, "mount": canary.mount, "path": canary.path,
                        "token": canary.token, "plantedAt": at.milliseconds,
                        "file": try canary.file.map { try StoredJSON.text(of: $0) }, "planted": canary.file != nil,
                    ])
            }
        }
    }

    /// Keeps what tells the files of canaries that were recorded from copies of them.
    package func recordFiles(of canaries: [Canary], on host: HostName) async throws(StoreError) {
        try await write { db in
            let hostID = try db.id(of: host)
            for canary in canaries {
                guard let file = canary.file else { continue }
                try db.execute(
                    sql: "UPDATE canary SET file = ?, planted = 1 WHERE hostID = ? AND token = ? AND path = ?",
                    arguments: [try StoredJSON.text(of: file), hostID, canary.token, canary.path])
            }
        }
    }

    /// The canaries that were planted last, in whichever boot that was.
    ///
    /// They can prove a boot that Ebb did not order. Those that are not all known to have been written are
    /// passed over: that one is not there says nothing.
    package func latestCanaries(of host: HostName) async throws(StoreError) -> PlantedCanaries? {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT canary.* FROM canary JOIN host ON host.id = hostID WHERE name = ?1
                      AND (bootID, plantedAt) = (SELECT bootID, plantedAt FROM canary
                        JOIN host ON host.id = hostID WHERE name = ?1
                          AND NOT EXISTS (SELECT 1 FROM canary AS other WHERE other.hostID = canary.hostID
                            AND other.bootID = canary.bootID AND other.plantedAt = canary.plantedAt
                            AND other.planted = 0)
                        ORDER BY canary.id DESC LIMIT 1)
                    ORDER BY canary.id
                    """, arguments: [host.text])
            return try rows.first.map { first in
                PlantedCanaries(
                    boot: try first.boot("bootID"), plantedAt: first.date("plantedAt"),
                    attempt: (first["attemptID"] as Int64?).map(AttemptID.init), canaries: try rows.map(Canary.init))
            }
        }
    }

    /// The canaries of one attempt; none where it had not come so far.
    package func canaries(of attempt: AttemptID) async throws(StoreError) -> [Canary] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM canary WHERE attemptID = ? ORDER BY id", arguments: [attempt.value]
            ).map(Canary.init)
        }
    }
}

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
        let hostID = try db.id(of: host)
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

    /// The boot that was first seen last.
    static func newest(of hostID: Int64, in db: Database) throws -> StoredBoot? {
        try boots(db, "WHERE hostID = ? ORDER BY firstSeenAt DESC, lastSeenAt DESC LIMIT 1", arguments: [hostID]).first
    }

    static func boots(_ db: Database, _ condition: String, arguments: StatementArguments) throws -> [StoredBoot] {
        try Row.fetchAll(db, sql: "SELECT * FROM boot \(condition)", arguments: arguments).map { row in
            StoredBoot(
                bootID: try row.boot("bootID"), firstSeen: row.date("firstSeenAt"), lastSeen: row.date("lastSeenAt"),
                attempt: (row["attemptID"] as Int64?).map(AttemptID.init), verdict: try verdict(row),
                judgedAt: row.dateIfAny("judgedAt"), evidence: (row["evidenceID"] as Int64?).map(EvidenceID.init))
        }
    }

    /// Reads the three columns of a verdict, which boots and attempts share.
    static func verdict(_ row: Row) throws -> BootVerdict? {
        guard let erasure: BootVerdict.Erasure = try row.wordIfAny("erasure") else { return nil }
        return BootVerdict(
            erasure: erasure, retention: try row.word("retention"),
            census: (row["census"] as String?) == nil ? nil : try row.json("census"),
            reasons: try row.json("verdictReasons"))
    }
}

/// What a boot verdict's row in the evidence chain says.
struct BootDetail: Codable {
    let attempt: Int64?
    let verdict: BootVerdict
}

/// Canaries and the boot during which they were planted.
package struct PlantedCanaries: Sendable, Hashable {
    package let boot: BootID
    package let plantedAt: Date
    /// The attempt that left them; `nil`: they were left for whichever boot comes next.
    package let attempt: AttemptID?
    package let canaries: [Canary]
}

extension Canary {
    /// Reads a row of the table.
    fileprivate init(_ row: Row) throws {
        self.init(
            kind: try row.word("polarity"), mount: row["mount"], token: row["token"],
            file: (row["file"] as String?) == nil ? nil : try row.json("file"))
    }
}
