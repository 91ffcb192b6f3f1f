package import EbbModel
package import FoundationEssentials
import GRDB

extension Store {
    /// Everything that compliance rests on, for each host, in the given order.
    ///
    /// All hosts are read in one transaction, so that a report is of one moment. With `asOf`, what
    /// was known at that time: later looks, boots and verdicts are left out. Of the paths at risk at
    /// most `pathLimit` are named for a host; the numbers count all.
    package func complianceFacts(
        for hosts: [HostName], asOf: Date? = nil, pathLimit: Int = 200
    ) async throws(StoreError) -> [ComplianceFacts] {
        try await read { db in
            try hosts.map { host in
                guard let hostID = try HostTable.find(host, in: db) else {
                    return ComplianceFacts(host: host)
                }
                let reader = ComplianceReader(
                    db: db, host: host, hostID: hostID,
                    until: asOf?.milliseconds ?? Int64.max, pathLimit: pathLimit)
                return try reader.facts()
            }
        }
    }

    /// Everything that compliance rests on, for one host.
    package func complianceFacts(
        for host: HostName, asOf: Date? = nil
    ) async throws(StoreError) -> ComplianceFacts {
        try await complianceFacts(for: [host], asOf: asOf).first ?? ComplianceFacts(host: host)
    }
}
