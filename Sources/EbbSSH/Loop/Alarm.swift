import CLibSSH2
import Glibc

/// Wakes a thread that waits for descriptors.
final class Alarm: Poller.Watcher, Sendable {
    let descriptor = ebb_event_descriptor()

    init() { precondition(descriptor >= 0, "no descriptor for a loop: errno \(errno)") }

    deinit { close(descriptor) }

    /// Callable from any thread.
    func ring() { eventfd_write(descriptor, 1) }

    func becomeReady(_ readiness: Poller.Readiness) {
        var count: eventfd_t = 0
        eventfd_read(descriptor, &count)
    }
}
