package import FoundationEssentials
import Synchronization

/// A clock that only moves when somebody waits: a sleep takes no real time.
///
/// Sleeps of several tasks add up, so a fleet's minutes pass faster than one host's: tests may
/// rely on the order of what was scheduled, not on how often a host was asked.
package final class ScriptedClock: Sendable {
    /// The wall clock at the beginning: a Saturday.
    package static let start = Date(timeIntervalSince1970: 1_790_000_000)

    private let elapsed = Mutex(Duration.zero)

    package init() {}

    /// Time since the beginning.
    package var now: Duration { elapsed.withLock { $0 } }

    /// The wall clock.
    package var date: Date {
        let (seconds, attoseconds) = now.components
        return Self.start.addingTimeInterval(Double(seconds) + Double(attoseconds) / 1e18)
    }

    /// Lets time pass.
    package func advance(_ duration: Duration) { elapsed.withLock { $0 += max(duration, .zero) } }

    /// Lets time pass for a task; throws when the task is cancelled.
    package func sleep(_ duration: Duration) async throws {
        try Task.checkCancellation()
        advance(duration)
        await Task.yield()
    }
}
