package import EbbModel
package import FoundationEssentials
import GRDB

/// One event in the journal of moving a host over.
package struct StoredOnboardingEvent: Sendable, Hashable {
    /// Which move of this host it belongs to, counted from 1.
    package let run: Int
    package let at: Date
    /// JSON; the store does not look into it.
    package let event: String
}

extension Store {
    /// The journal of a host's newest move, oldest event first; empty when there was none.
    package func onboardingEvents(of host: HostName) async throws(StoreError) -> [StoredOnboardingEvent] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT run, at, event FROM onboardingEvent JOIN host ON host.id = hostID
                    WHERE name = ?1 AND run = (SELECT max(run) FROM onboardingEvent
                      JOIN host ON host.id = hostID WHERE name = ?1)
                    ORDER BY ordinal
                    """, arguments: [host.text]
            ).map { row in StoredOnboardingEvent(run: row["run"], at: row.date("at"), event: row["event"]) }
        }
    }

    /// Appends the event that comes after `count` others of this move.
    ///
    /// It fails as `fenced` when another controller has written meanwhile: it continues with the
    /// host then, and this one must not.
    package func appendOnboardingEvent(host: HostName, run: Int, after count: Int, _ event: String, at: Date)
        async throws(StoreError)
    {
        try await write { db in
            let hostID = try db.id(of: host)
            let there =
                try Int.fetchOne(
                    db, sql: "SELECT count(*) FROM onboardingEvent WHERE hostID = ? AND run = ?",
                    arguments: [hostID, run]) ?? 0
            guard there == count else {
                throw StoreError(
                    .fenced, host: host,
                    "another controller has taken over this host: its journal has \(there) "
                        + "events, \(count) were read")
            }
            try db.execute(
                sql: "INSERT INTO onboardingEvent VALUES (?, ?, ?, ?, ?)",
                arguments: [hostID, run, count + 1, at.milliseconds, event])
        }
    }

    /// Keeps what identifies a blank; the same one again adds nothing.
    ///
    /// It fails as `refused` when another one is on record under this name: a blank that was made
    /// anew counts only once the old one has been forgotten on purpose.
    package func recordBlank(host: HostName, _ blank: StoredBlank) async throws(StoreError) {
        try await write { db in
            let hostID = try db.id(of: host)
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
            try db.insert(
                "INTO blank",
                [
                    "hostID": hostID, "name": blank.name, "guid": blank.guid, "createdAt": blank.createdAt,
                    "recordedAt": blank.recordedAt.milliseconds,
                ])
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
            guard let hostID = try db.find(host) else { return false }
            try db.execute(
                sql: """
                    UPDATE blank SET forgottenAt = max(recordedAt, ?)
                    WHERE hostID = ? AND name = ? AND forgottenAt IS NULL
                    """, arguments: [at.milliseconds, hostID, name])
            return db.changesCount > 0
        }
    }
}

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
