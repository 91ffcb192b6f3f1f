import NIOConcurrencyHelpers
import NIOCore

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
