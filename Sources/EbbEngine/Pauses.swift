package import FoundationEssentials
import Synchronization

/// What is left alone for a while after it failed; longer each time, where it is told so.
package final class Pauses<Key: Hashable & Sendable>: Sendable {
    private struct Failure {
        var at: Date
        var pause: Double
    }

    private let failures = Mutex<[Key: Failure]>([:])
    private let first: Double
    private let longest: Double

    /// In seconds: the first pause, and the longest that it grows to by doubling.
    package init(_ first: Double, upTo longest: Double? = nil) {
        self.first = first
        self.longest = longest ?? first
    }

    /// Whether it may be tried at this time; a clock that was set back keeps nobody waiting.
    package func mayTry(_ key: Key, at now: Date) -> Bool {
        failures.withLock { failures in failures[key].map { abs(now.timeIntervalSince($0.at)) >= $0.pause } ?? true }
    }

    /// Notes that a try failed.
    package func failed(_ key: Key, at now: Date) {
        failures.withLock { failures in
            let pause = failures[key].map { min($0.pause * 2, longest) } ?? first
            failures[key] = Failure(at: now, pause: pause)
        }
    }
}
