import EbbModel
import Glibc
import UnixSignals

/// Turns Ctrl-C and SIGTERM into a request to come to an end; the second one ends the process.
enum Interrupts {
    /// One element for the first signal of this process, and what is said at each.
    static func stream(
        notes: Notes,
        first: String = "nothing more is started; running hosts come to their end",
        second: String = "left at once; `ebb reboot resume` goes on from the journal"
    ) async -> AsyncStream<Void> {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        // Awaited by nobody: it lives as long as the process and ends it at the second signal.
        Task {
            var count = 0
            for await _ in signals {
                count += 1
                if count > 1 {
                    notes.problem(second)
                    exit(ExitStatus.interrupted.rawValue)
                }
                notes.warning(first)
                continuation.yield()
            }
        }
        return stream
    }
}
