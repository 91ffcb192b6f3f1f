import EbbModel
import Synchronization

/// Asks every run of this process, now and later, to start nothing more.
final class AbortSwitch: Sendable {
    private struct State {
        var isThrown = false
        var runs: [AsyncStream<Void>.Continuation] = []
    }

    private let state = Mutex(State())

    /// A stream for one run: its one element says that nothing more is to be started.
    func stream() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        state.withLock { state in
            if state.isThrown { continuation.yield() }
            state.runs.append(continuation)
        }
        return stream
    }

    /// Asks them.
    func abort() {
        state.withLock { state in
            state.isThrown = true
            for run in state.runs { run.yield() }
        }
    }

    /// Whether it was thrown.
    var isThrown: Bool { state.withLock(\.isThrown) }

    /// A switch that Ctrl-C and SIGTERM throw; the second one ends the process.
    static func thrownBySignals(notes: Notes) async -> AbortSwitch {
        let aborts = AbortSwitch()
        let signals = await Interrupts.stream(notes: notes)
        // Awaited by nobody: signals come as long as the process lives.
        Task { for await _ in signals { aborts.abort() } }
        return aborts
    }
}
