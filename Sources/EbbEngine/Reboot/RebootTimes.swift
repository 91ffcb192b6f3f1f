package import EbbModel
import EbbPlan
package import EbbStore
import FoundationEssentials

/// How long reboots of hosts took, from the journal.
package enum RebootTimes {
    /// The seconds that 95 of 100 reboots of a host stayed within; hosts with too few are left out.
    package static func usual(_ hosts: [HostSettings], in store: Store) async throws(StoreError) -> [HostName: Int] {
        var times: [HostName: Int] = [:]
        for settings in hosts {
            let known = try await store.attempts(of: settings.host, limit: 50).filter { $0.state == .proven }.map {
                Int($0.updatedAt.timeIntervalSince($0.sentAt ?? $0.createdAt))
            }
            guard known.count >= RebootEstimate.enough else { continue }
            times[settings.host] = RebootEstimate.seconds(
                known: known, timeout: settings.reboot.timeout, soak: settings.reboot.soak)
        }
        return times
    }
}
