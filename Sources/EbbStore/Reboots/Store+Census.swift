package import EbbModel
import FoundationEssentials
import GRDB

extension Store {
    /// The newest part of that name among the evidence that was gathered during a boot of the host.
    ///
    /// `nil`: there is none, or its bytes were pruned.
    package func part(_ name: String, of host: HostName, during boot: BootID) async throws(StoreError) -> [UInt8]? {
        try await read { db in
            guard let hostID = try HostTable.find(host, in: db) else { return nil }
            let digest = try Data.fetchOne(
                db,
                sql: """
                    SELECT digest FROM evidencePart JOIN evidence ON evidence.id = evidenceID
                    WHERE hostID = ? AND bootID = ? AND name = ? ORDER BY evidence.id DESC LIMIT 1
                    """, arguments: [hostID, boot.text, name])
            return try digest.flatMap { try Content.bytes($0, in: db) }
        }
    }
}
