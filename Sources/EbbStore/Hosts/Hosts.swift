import Crypto
package import EbbModel
package import FoundationEssentials
import GRDB

extension Database {
    /// The number that stands for a host inside the database; a new host gets one.
    func id(of host: HostName) throws -> Int64 {
        if let id = try find(host) { return id }
        try execute(sql: "INSERT INTO host (name) VALUES (?)", arguments: [host.text])
        return lastInsertedRowID
    }

    func find(_ host: HostName) throws -> Int64? {
        try Int64.fetchOne(cachedStatement(sql: "SELECT id FROM host WHERE name = ?"), arguments: [host.text])
    }

    /// Writes one row; the names of the columns stand beside their values.
    func insert(_ verb: String, _ values: KeyValuePairs<String, (any DatabaseValueConvertible)?>) throws {
        let names = values.map(\.key).joined(separator: ", ")
        let places = values.map { _ in "?" }.joined(separator: ", ")
        try execute(
            sql: "INSERT \(verb) (\(names)) VALUES (\(places))", arguments: StatementArguments(values.map(\.value)))
    }
}

/// A number that the database gave; `Row` says of what, so that none is taken for another.
package struct StoredID<Row>: Hashable, Sendable, Codable, Comparable {
    package let value: Int64

    package init(_ value: Int64) { self.value = value }

    package static func < (left: StoredID, right: StoredID) -> Bool { left.value < right.value }
}

/// The number of one observation of one host.
package typealias ObservationID = StoredID<StoredObservation>

/// The number of one row of the evidence chain.
package typealias EvidenceID = StoredID<EvidencePart>

/// The number of one rollout.
package typealias RolloutID = StoredID<StoredRollout>

/// The number of one attempt to reboot one host.
package typealias AttemptID = StoredID<StoredAttempt>

/// The number of one stop flag.
package typealias StopFlagID = StoredID<StoredStopFlag>

extension Store {
    /// Notes that a host showed this identity.
    package func recordIdentity(host: HostName, _ kind: IdentityKind, _ value: String, at: Date)
        async throws(StoreError)
    { try await write { db in try IdentityTable.see(kind, value, hostID: try db.id(of: host), at: at, in: db) } }

    /// What each host was last recognised by, of one kind.
    package func lastIdentities(_ kind: IdentityKind) async throws(StoreError) -> [HostName: String] {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT name, value FROM identity JOIN host ON host.id = identity.hostID
                    WHERE kind = ? ORDER BY lastSeenAt, firstSeenAt, value DESC
                    """, arguments: [kind.rawValue])
            var last: [HostName: String] = [:]
            for row in rows { last[try row.host("name")] = row["value"] }
            return last
        }
    }

    /// Everything that a host was recognised by, the most recently seen first.
    package func identities(of host: HostName, _ kind: IdentityKind? = nil) async throws(StoreError)
        -> [IdentitySighting]
    {
        try await read(of: host, none: []) { db, hostID in
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT kind, value, firstSeenAt, lastSeenAt FROM identity
                    WHERE hostID = ?1 AND (?2 IS NULL OR kind = ?2)
                    ORDER BY lastSeenAt DESC, firstSeenAt DESC, kind, value
                    """, arguments: [hostID, kind?.rawValue]
            ).map { row in
                IdentitySighting(
                    kind: try row.word("kind"), value: row["value"], firstSeen: row.date("firstSeenAt"),
                    lastSeen: row.date("lastSeenAt"))
            }
        }
    }

    /// Notes what is declared for a host; the same set again adds nothing.
    package func recordPersistenceSet(host: HostName, _ entries: [PersistenceEntry], from: Date)
        async throws(StoreError)
    {
        let sorted = entries.sorted { ($0.path, $0.target ?? "") < ($1.path, $1.target ?? "") }
        try await write { db in
            let json = try StoredJSON.text(of: sorted)
            let digest = Data(SHA256.hash(data: Array(json.utf8)))
            let hostID = try db.id(of: host)
            let current = try Data.fetchOne(
                db, sql: "SELECT digest FROM hostPersistence WHERE hostID = ? AND toAt IS NULL", arguments: [hostID])
            guard current != digest else { return }
            try db.execute(sql: "INSERT OR IGNORE INTO persistenceSet VALUES (?, ?)", arguments: [digest, json])
            try db.execute(
                sql: """
                    UPDATE hostPersistence SET toAt = max(fromAt, ?)
                    WHERE hostID = ? AND toAt IS NULL
                    """, arguments: [from.milliseconds, hostID])
            // Two changes within a millisecond: the later one replaces the earlier.
            try db.execute(
                sql: """
                    INSERT INTO hostPersistence (hostID, fromAt, digest) VALUES (?, ?, ?)
                    ON CONFLICT DO UPDATE SET digest = excluded.digest, toAt = NULL
                    """, arguments: [hostID, from.milliseconds, digest])
        }
    }
}

/// Notes what a host calls itself.
enum IdentityTable {
    /// Notes everything among the facts that names the host or its boot.
    static func see(_ facts: HostFacts, hostID: Int64, at: Date, in db: Database) throws {
        if let boot = facts.bootID { try BootTable.see(boot, hostID: hostID, at: at, in: db) }
        if let machine = facts.machineID { try see(.machineID, machine, hostID: hostID, at: at, in: db) }
        if let serial = facts.serial { try see(.boardSerial, serial, hostID: hostID, at: at, in: db) }
        if let root = facts.rootIdentity { try see(.root, root, hostID: hostID, at: at, in: db) }
        if let blank = facts.blank { try see(.blank, blank, hostID: hostID, at: at, in: db) }
    }

    static func see(_ kind: IdentityKind, _ value: String, hostID: Int64, at: Date, in db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO identity (hostID, kind, value, firstSeenAt, lastSeenAt)
                VALUES (?1, ?2, ?3, ?4, ?4)
                ON CONFLICT (hostID, kind, value) DO UPDATE SET
                  firstSeenAt = min(firstSeenAt, excluded.firstSeenAt),
                  lastSeenAt = max(lastSeenAt, excluded.lastSeenAt)
                """, arguments: [hostID, kind.rawValue, value, at.milliseconds])
    }
}

/// What a host can be recognised by.
package enum IdentityKind: String, Sendable, Codable, CaseIterable {
    /// `/etc/machine-id`.
    case machineID = "machine-id"
    /// A host key's type and fingerprint, such as `ssh-ed25519 SHA256:…`.
    case hostKey = "host-key"
    /// The board's or system's serial number.
    case boardSerial = "board-serial"
    /// The blank's own identity: a snapshot's guid, a subvolume's UUID.
    case blank
    /// The live root's identity; new at every boot for most strategies.
    case root
}

/// One thing that a host was recognised by, and when.
package struct IdentitySighting: Sendable, Hashable {
    package let kind: IdentityKind
    package let value: String
    package let firstSeen: Date
    package let lastSeen: Date
}
