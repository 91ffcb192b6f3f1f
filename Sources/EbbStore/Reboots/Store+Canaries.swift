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
    package func recordCanaries(
        host: HostName, boot: BootID, attempt: AttemptID? = nil, _ canaries: [Canary], at: Date
    ) async throws(StoreError) {
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
                        hostID, boot.text, attempt?.value, canary.kind.rawValue,
                        canary.mount, canary.path, canary.token, at.milliseconds,
                    ])
            }
        }
    }

    /// The canaries that were planted last, in whichever boot that was.
    ///
    /// They can prove a boot that Ebb did not order.
    package func latestCanaries(
        of host: HostName
    ) async throws(StoreError) -> PlantedCanaries? {
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
            guard let first = rows.first, let boot = BootID(first["bootID"] as String) else {
                return nil
            }
            return PlantedCanaries(
                boot: boot, plantedAt: Date(milliseconds: first["plantedAt"]),
                canaries: rows.compactMap { row in
                    Canary.Kind(rawValue: row["polarity"]).map { kind in
                        Canary(kind: kind, mount: row["mount"], token: row["token"])
                    }
                })
        }
    }
}
