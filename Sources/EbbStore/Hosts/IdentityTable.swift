import EbbModel
import FoundationEssentials
import GRDB

/// Notes what a host calls itself.
enum IdentityTable {
    /// Notes everything among the facts that names the host or its boot.
    static func see(_ facts: HostFacts, hostID: Int64, at: Date, in db: Database) throws {
        if let boot = facts.bootID { try BootTable.see(boot, hostID: hostID, at: at, in: db) }
        if let machine = facts.machineID { try see(.machineID, machine, hostID: hostID, at: at, in: db) }
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
