package import EbbModel
import Synchronization

/// Asks everything of this process, now and later, to start nothing more.
package final class AbortSwitch: Sendable {
    private struct State {
        var isThrown = false
        var next = 0
        var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// A stream for one listener: its one element says that nothing more is to be started.
    package func stream() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        let number = state.withLock { state in
            if state.isThrown { continuation.yield() }
            state.next += 1
            state.listeners[state.next] = continuation
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.listeners.removeValue(forKey: number) }
        }
        return stream
    }

    /// Asks them.
    package func abort() {
        let listeners = state.withLock { state in
            state.isThrown = true
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.yield() }
    }

    /// Whether it was thrown.
    package var isThrown: Bool { state.withLock(\.isThrown) }

    /// Asked before each phase of what a command does: throws once the switch was thrown.
    package func check() throws(Failure) {
        if isThrown { throw Failure(.interrupted, "interrupted; nothing more was started") }
    }
}
