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
    /// Notes that a host runs in this boot; says whether the boot was not seen before.
    @discardableResult package func recordBoot(host: HostName, _ boot: BootID, at: Date) async throws(StoreError)
        -> Bool
    {
        try await write { db in
            let hostID = try HostTable.id(of: host, in: db)
            let isKnown =
                try Bool.fetchOne(
                    db, sql: "SELECT 1 FROM boot WHERE hostID = ? AND bootID = ?", arguments: [hostID, boot.text])
                ?? false
            try BootTable.see(boot, hostID: hostID, at: at, in: db)
            return !isKnown
        }
    }

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
        try await read { db in
            guard let hostID = try HostTable.find(host, in: db) else { return [] }
            return try BootTable.boots(
                db, "WHERE hostID = ? ORDER BY firstSeenAt DESC, lastSeenAt DESC LIMIT ?", arguments: [hostID, limit])
        }
    }
}
