package import EbbModel
package import FoundationEssentials
import Synchronization

/// When hosts were found to be away, so that they are not asked all the time.
package final class AwayHosts: Sendable {
    private let found = Mutex<[HostName: Date]>([:])
    /// How long to leave a host alone, in seconds.
    private let pause: Double

    package init(pause: Double = 120) { self.pause = pause }

    /// Whether it is time to ask the host again.
    package func mayAsk(_ host: HostName, at now: Date) -> Bool {
        found.withLock { $0[host].map { abs(now.timeIntervalSince($0)) >= pause } ?? true }
    }

    /// Notes hosts that were found to be away.
    package func note(_ hosts: Set<HostName>, at now: Date) {
        found.withLock { found in
            for host in hosts where found[host].map({ now.timeIntervalSince($0) >= pause }) ?? true
            { found[host] = now }
        }
    }
}
