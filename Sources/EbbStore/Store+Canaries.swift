package import EbbModel
package import FoundationEssentials
import GRDB

/// A token that was written to a host, and what its fate proves.
package struct Canary: Sendable, Hashable, Codable {
    /// What must become of the token at the next boot.
    package enum Polarity: String, Sendable, Codable, CaseIterable {
        /// Lies on the ephemeral root: it must vanish.
        case negative
        /// Lies on persistent storage: it must survive.
        case positive
    }

    package let polarity: Polarity
    /// The mount point on which it lies.
    package let mount: String
    package let path: String
    /// At least 16 random characters.
    package let token: String

    package init(polarity: Polarity, mount: String, path: String, token: String) {
        self.polarity = polarity
        self.mount = mount
        self.path = path
        self.token = token
    }
}

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
                        hostID, boot.text, attempt?.value, canary.polarity.rawValue,
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
                    Canary.Polarity(rawValue: row["polarity"]).map { polarity in
                        Canary(
                            polarity: polarity, mount: row["mount"], path: row["path"],
                            token: row["token"])
                    }
                })
        }
    }
}
