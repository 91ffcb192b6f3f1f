import Dispatch
import EbbModel
import Glibc
import Synchronization

/// Turns Ctrl-C and SIGTERM into requests to stop starting; the second one ends the process.
enum Interrupts {
    /// One element for the first signal of this process.
    static func stream(notes: Notes) -> AsyncStream<Void> {
        AsyncStream { continuation in
            let queue = DispatchQueue(label: "ebb.signals")
            let sources = [SIGINT, SIGTERM].map { number in
                signal(number, SIG_IGN)
                return DispatchSource.makeSignalSource(signal: number, queue: queue)
            }
            let counter = Counter()
            for source in sources {
                source.setEventHandler {
                    if counter.next() > 1 {
                        notes.problem("left at once; `ebb reboot resume` goes on from the journal")
                        exit(ExitStatus.interrupted.rawValue)
                    }
                    notes.warning("nothing more is started; running hosts come to their end")
                    continuation.yield()
                }
                source.resume()
            }
            continuation.onTermination = { _ in
                for source in sources { source.cancel() }
            }
        }
    }

    /// Counts on one queue only.
    private final class Counter: Sendable {
        private let value = Mutex(0)

        func next() -> Int {
            value.withLock { value in
                value += 1
                return value
            }
        }
    }
}
