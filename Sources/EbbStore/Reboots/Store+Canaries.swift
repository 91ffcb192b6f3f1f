package import EbbModel
package import FoundationEssentials
import GRDB

/// Canaries and the boot during which they were planted.
package struct PlantedCanaries: Sendable, Hashable {
    package let boot: BootID
    package let plantedAt: Date
    package let canaries: [Canary]
}

extension Store {
    /// Keeps the tokens that are about to be written to a host during this boot.
    package func recordCanaries(host: HostName, boot: BootID, attempt: AttemptID? = nil, _ canaries: [Canary], at: Date)
        async throws(StoreError)
    {
        try await write { db in
            let hostID = try HostTable.id(of: host, in: db)
            try BootTable.see(boot, hostID: hostID, at: at, in: db)
            for canary in canaries {
                try db.execute(
                    sql: """
                        INSERT INTO canary
                          (hostID, bootID, attemptID, polarity, mount, path, token, plantedAt)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        hostID, boot.text, attempt?.value, canary.kind.rawValue, canary.mount, canary.path,
                        canary.token, at.milliseconds,
                    ])
            }
        }
    }

    /// The canaries that were planted last, in whichever boot that was.
    ///
    /// They can prove a boot that Ebb did not order.
    package func latestCanaries(of host: HostName) async throws(StoreError) -> PlantedCanaries? {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT canary.* FROM canary JOIN host ON host.id = hostID WHERE name = ?1
                      AND (bootID, plantedAt) = (SELECT bootID, plantedAt FROM canary
                        JOIN host ON host.id = hostID WHERE name = ?1
                        ORDER BY canary.id DESC LIMIT 1)
                    ORDER BY canary.id
                    """, arguments: [host.text])
            return try rows.first.map { first in
                PlantedCanaries(
                    boot: try first.boot("bootID"), plantedAt: first.date("plantedAt"),
                    canaries: try rows.map(Canary.init))
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

extension Canary {
    /// Reads a row of the table.
    fileprivate init(_ row: Row) throws {
        self.init(kind: try row.word("polarity"), mount: row["mount"], token: row["token"])
    }
}
