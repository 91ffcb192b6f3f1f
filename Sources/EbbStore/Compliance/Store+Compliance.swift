package import EbbModel
package import FoundationEssentials
import GRDB

extension Store {
    /// Everything that compliance rests on, for each host, in the given order.
    ///
    /// All hosts are read in one transaction, so that a report is of one moment. With `asOf`, what
    /// was known at that time: later observations, boots and verdicts are left out; a time before which the
    /// database was pruned is refused. Of the paths at risk at most `pathLimit` are named for a
    /// host; the numbers count all.
    package func complianceFacts(for hosts: [HostName], asOf: Date? = nil, pathLimit: Int = 200)
        async throws(StoreError) -> [ComplianceFacts]
    {
        try await read { db in
            let until = asOf?.milliseconds ?? Int64.max
            try Self.refuseForgotten(until, in: db)
            let stops = try Self.stops(at: asOf ?? Date(), in: db)
            let known = ComplianceReader.Known()
            return try hosts.map { host in
                guard let hostID = try HostTable.find(host, in: db) else {
                    return ComplianceFacts(host: host, stops: stops)
                }
                let reader = ComplianceReader(
                    db: db, host: host, hostID: hostID, until: until, pathLimit: pathLimit, stops: stops, known: known)
                do { return try reader.facts() } catch let error as StoreError where error.code == .corrupt {
                    // One damaged row must not hide what is known of all other hosts.
                    var facts = ComplianceFacts(host: host, stops: stops)
                    facts.damage =
                        "What is stored of the host cannot be read: \(error.message); "
                        + "`ebb database verify` names the damage."
                    return facts
                }
            }
        }
    }

    /// Everything that compliance rests on, for one host.
    package func complianceFacts(for host: HostName, asOf: Date? = nil) async throws(StoreError) -> ComplianceFacts {
        try await complianceFacts(for: [host], asOf: asOf).first ?? ComplianceFacts(host: host)
    }

    /// Throws where what was known then was pruned: too little would be taken for good.
    private static func refuseForgotten(_ until: Int64, in db: Database) throws {
        let horizon = try Int64.fetchOne(db, sql: "SELECT max(before) FROM pruning") ?? Int64.min
        guard until < horizon else { return }
        let day = CalendarDate(daysSinceEpoch: Int(horizon / 86_400_000))
        throw StoreError(.notFound, "what was known before \(day) (UTC) was pruned and cannot be told any more")
    }

    /// The stop flags that held at that time, the newest first, each with its row of the chain.
    private static func stops(at time: Date, in db: Database) throws -> [ComplianceFacts.Stop] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT *, (SELECT min(id) FROM evidence
                  WHERE kind = 'stop' AND detail ->> '$.flag' = CAST(stopFlag.id AS TEXT))
                  AS evidence
                FROM stopFlag WHERE createdAt <= ?1
                  AND coalesce(removedAt > ?1, 1) AND coalesce(expiresAt > ?1, 1)
                ORDER BY id DESC
                """, arguments: [time.milliseconds]
        ).map { row in ComplianceFacts.Stop(flag: try StopFlag(row), evidence: row["evidence"]) }
    }
}
