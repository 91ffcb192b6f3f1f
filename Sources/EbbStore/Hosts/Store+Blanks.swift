package import EbbModel
package import FoundationEssentials
import GRDB

/// What identified a blank when it was recorded.
package struct StoredBlank: Sendable, Hashable {
    /// The snapshot's full name on ZFS, the path below the top level on btrfs.
    package let name: String
    /// The guid on ZFS, the UUID on btrfs.
    package let guid: String
    /// The transaction group on ZFS, the generation on btrfs.
    package let createdAt: Int64
    package let recordedAt: Date

    package init(name: String, guid: String, createdAt: Int64, recordedAt: Date) {
        (self.name, self.guid, self.createdAt, self.recordedAt) = (name, guid, createdAt, recordedAt)
    }
}

extension Store {
    /// Keeps what identifies a blank; the same one again adds nothing.
    ///
    /// It fails as `refused` when another one is on record under this name: a blank that was made
    /// anew counts only once the old one has been forgotten on purpose.
    package func recordBlank(host: HostName, _ blank: StoredBlank) async throws(StoreError) {
        try await write { db in
            let hostID = try HostTable.id(of: host, in: db)
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT guid, createdAt FROM blank
                    WHERE hostID = ? AND name = ? AND forgottenAt IS NULL
                    """, arguments: [hostID, blank.name])
            if let row {
                guard row["guid"] == blank.guid, row["createdAt"] == blank.createdAt else {
                    throw StoreError(.refused, host: host, "another blank is on record as \(blank.name)")
                }
                return
            }
            try db.execute(
                sql: """
                    INSERT INTO blank (hostID, name, guid, createdAt, recordedAt)
                    VALUES (?, ?, ?, ?, ?)
                    """, arguments: [hostID, blank.name, blank.guid, blank.createdAt, blank.recordedAt.milliseconds])
        }
    }

    /// The blanks on record for a host, by name.
    package func blanks(of host: HostName) async throws(StoreError) -> [StoredBlank] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT blank.* FROM blank JOIN host ON host.id = hostID
                    WHERE host.name = ? AND forgottenAt IS NULL ORDER BY blank.name
                    """, arguments: [host.text]
            ).map { row in
                StoredBlank(
                    name: row["name"], guid: row["guid"], createdAt: row["createdAt"],
                    recordedAt: row.date("recordedAt"))
            }
        }
    }

    /// Takes a blank off the record, so that another may be taken or believed; says whether it was
    /// there.
    @discardableResult package func forgetBlank(host: HostName, _ name: String, at: Date) async throws(StoreError)
        -> Bool
    {
        try await write { db in
            guard let hostID = try HostTable.find(host, in: db) else { return false }
            try db.execute(
                sql: """
                    UPDATE blank SET forgottenAt = max(recordedAt, ?)
                    WHERE hostID = ? AND name = ? AND forgottenAt IS NULL
                    """, arguments: [at.milliseconds, hostID, name])
            return db.changesCount > 0
        }
    }
}
