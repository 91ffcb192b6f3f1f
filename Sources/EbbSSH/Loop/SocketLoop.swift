package import Dispatch
import Glibc
import NIOConcurrencyHelpers
package import NIOCore
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

/// What SwiftNIO's futures ask of a loop.
extension SocketLoop: EventLoop {
    package func next() -> any EventLoop { self }

    /// Does something at a moment.
    @discardableResult package func scheduleTask<T>(deadline: NIODeadline, _ task: @escaping @Sendable () throws -> T)
        -> Scheduled<T>
    {
        let promise = makePromise(of: T.self)
        let ticket = NIOLoopBoundBox<LoopTimers.Ticket?>.makeEmptyBox(eventLoop: self)
        execute {
            ticket.value = self.poller.timers.schedule(deadline) {
                promise.assumeIsolated().completeWith(Result { try task() })
            }
        }
        return Scheduled(
            promise: promise,
            cancellationTask: { self.execute { if let ticket = ticket.value { self.poller.timers.cancel(ticket) } } })
    }

    /// Does something after a time.
    @discardableResult package func scheduleTask<T>(in time: TimeAmount, _ task: @escaping @Sendable () throws -> T)
        -> Scheduled<T>
    { scheduleTask(deadline: .now() + time, task) }

    /// A loop lives as long as the process.
    package func shutdownGracefully(queue: DispatchQueue, _ callback: @escaping @Sendable ((any Error)?) -> Void) {
        queue.async { callback(EventLoopError.unsupportedOperation) }
    }
}

/// The loops among which connections are spread.
package final class SocketLoops: Sendable {
    private let loops: [SocketLoop]
    private let taken = Atomic(0)

    /// Takes loops, at least one.
    package init(_ loops: [SocketLoop]) {
        precondition(!loops.isEmpty, "no loop")
        self.loops = loops
    }

    /// The loop of the next connection.
    package func next() -> SocketLoop {
        let count = taken.wrappingAdd(1, ordering: .relaxed).oldValue
        return loops[count % loops.count]
    }
}

/// Work of a loop: a job of a Swift task, or a plain call.
enum LoopWork: Sendable {
    case job(UnownedJob, on: LoopExecutor)
    /// A job of one session.
    case sessionJob(UnownedJob, on: SessionExecutor)
    case call(@Sendable () -> Void)

    func run() {
        switch self {
        case .job(let job, let executor): job.runSynchronously(on: executor.asUnownedTaskExecutor())
        case .sessionJob(let job, let executor):
            job.runSynchronously(
                isolatedTo: executor.asUnownedSerialExecutor(), taskExecutor: executor.callers.asUnownedTaskExecutor())
        case .call(let call): call()
        }
    }
}

extension SSHTransport {
    /// Runs work that mostly waits for hosts on the thread where their answers arrive.
    ///
    /// Nothing in it may block that thread: all hosts would have to wait.
    package static func besideHosts<Result: Sendable>(_ body: @Sendable () async -> Result) async -> Result {
        await withTaskExecutorPreference(LoopExecutor.of(loops.next())) { await body() }
    }

    /// Waits until a time has passed or the task is cancelled, and wakes no other thread for it.
    package static func pause(_ time: Duration) async throws {
        let end = loops.next().scheduleTask(in: TimeAmount(time)) {}
        try await withTaskCancellationHandler {
            try await end.futureResult.get()
        } onCancel: {
            end.cancel()
        }
    }
}

/// Runs the code between two calls of a session on the session's own event loop.
///
/// Without it, every such step would go to a thread of the global pool and back: that woke another
/// thread a dozen times a host, and cost more than the encryption.
final class LoopExecutor: TaskExecutor {
    let loop: SocketLoop
    private static let known = NIOLockedValueBox<[ObjectIdentifier: LoopExecutor]>([:])

    private init(_ loop: SocketLoop) { self.loop = loop }

    /// The executor of a loop: always the same, so that a task that is there need not go there.
    static func of(_ loop: SocketLoop) -> LoopExecutor {
        known.withLockedValue { known in
            if let executor = known[ObjectIdentifier(loop)] { return executor }
            let executor = LoopExecutor(loop)
            known[ObjectIdentifier(loop)] = executor
            return executor
        }
    }

    func enqueue(_ job: consuming ExecutorJob) { loop.take(.job(UnownedJob(job), on: self)) }
}

/// Confines a session to its event loop.
///
/// Its jobs run on the loop's task executor as well: a task that prefers an executor and is not on it
/// queues again at every return from a call.
final class SessionExecutor: SerialExecutor {
    /// Where the callers of the session run best.
    let callers: LoopExecutor

    init(_ loop: SocketLoop) { callers = LoopExecutor.of(loop) }

    func enqueue(_ job: consuming ExecutorJob) { callers.loop.take(.sessionJob(UnownedJob(job), on: self)) }

    /// The loop calls sessions outside of any job, so the thread decides.
    func isIsolatingCurrentContext() -> Bool? { callers.loop.inEventLoop }
}
