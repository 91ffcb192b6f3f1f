import EbbModel
import Glibc
import UnixSignals

/// Turns Ctrl-C and SIGTERM into requests to stop starting; the second one ends the process.
enum Interrupts {
    /// One element for the first signal of this process.
    static func stream(notes: Notes) async -> AsyncStream<Void> {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        // Awaited by nobody: it lives as long as the process and ends it at the second signal.
        Task {
            var count = 0
            for await _ in signals {
                count += 1
                if count > 1 {
                    notes.problem("left at once; `ebb reboot resume` goes on from the journal")
                    exit(ExitStatus.interrupted.rawValue)
                }
                notes.warning("nothing more is started; running hosts come to their end")
                continuation.yield()
            }
        }
        return stream
    }
}
