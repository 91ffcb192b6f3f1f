import Glibc
import NIOConcurrencyHelpers
import NIOCore
import Synchronization

/// One thread that waits for many sockets at once, and runs what is to be done on it in order.
///
/// What is watched is touched on that thread only; work may come from anywhere. A loop lives as long
/// as the process.
package final class SocketLoop: Sendable {
    private struct Inbox {
        var work: [LoopWork] = []
        /// Whether the thread knows that there is work, or is about to look.
        var isExpected = false
    }

    /// A lock that ThreadSanitizer sees: whatever threads hand to a loop passes here.
    private let inbox = NIOLockedValueBox(Inbox())
    private let alarm = Alarm()
    private let thread = Atomic<UInt>(0)
    /// What the thread made for itself when it started.
    private let confined = Mutex<NIOLoopBound<Poller>?>(nil)

    /// Starts a loop; a system that has no descriptor or no thread for it can run nothing of Ebb's.
    package init() {
        var handle = pthread_t()
        let me = Unmanaged.passRetained(self).toOpaque()
        let code = pthread_create(
            &handle, nil,
            { me in
                if let me { Unmanaged<SocketLoop>.fromOpaque(me).takeRetainedValue().run() }
                return nil
            }, me)
        precondition(code == 0, "no thread for a loop: \(code)")
        pthread_detach(handle)
    }

    package var inEventLoop: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    /// What the loop waits for; only its own thread may ask.
    var poller: Poller {
        guard let confined = confined.withLock({ $0 }) else {
            // The thread makes it before it does anything else: this is another thread, and a mistake.
            preconditionInEventLoop()
            return Poller(alarm)
        }
        return confined.value
    }

    /// Queues work.
    package func execute(_ work: @escaping @Sendable () -> Void) { take(.call(work)) }

    /// Queues work.
    func take(_ work: LoopWork) {
        let isAsleep = inbox.withLockedValue { inbox in
            inbox.work.append(work)
            defer { inbox.isExpected = true }
            return !inbox.isExpected
        }
        if isAsleep, !inEventLoop { alarm.ring() }
    }

    /// How many rounds of queued work run before the sockets are polled again.
    private static let maxRounds = 16

    private func run() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        let poller = Poller(alarm)
        confined.withLock { $0 = NIOLoopBound(poller, eventLoop: self) }
        var work: [LoopWork] = []
        while true {
            poller.wait(isBusy: !work.isEmpty)
            for _ in 0..<Self.maxRounds {
                for piece in work { piece.run() }
                work.removeAll(keepingCapacity: true)
                inbox.withLockedValue { inbox in
                    swap(&inbox.work, &work)
                    inbox.isExpected = !work.isEmpty
                }
                if work.isEmpty { break }
            }
        }
    }
}
