package import FoundationEssentials

/// The clocks of a run: a monotonic one for every deadline, the wall clock for display only.
package struct EngineClock: Sendable {
    /// Time since an arbitrary start; never goes back.
    package let now: @Sendable () -> Duration
    /// The wall clock.
    package let date: @Sendable () -> Date
    /// Sleeps; throws when the task is cancelled.
    package let sleep: @Sendable (Duration) async throws -> Void

    /// The system's clocks.
    package static func system() -> EngineClock {
        let start = ContinuousClock.now
        return EngineClock(
            now: { ContinuousClock.now - start }, date: { Date() }, sleep: { try await Task.sleep(for: $0) })
    }
}
