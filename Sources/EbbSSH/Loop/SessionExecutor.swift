import NIOCore

/// Confines a session to its event loop.
///
/// Its jobs say that they run on the loop's task executor too: one that a task prefers and is not on
/// makes it queue again at every return from a call.
final class SessionExecutor: SerialExecutor {
    /// Where the callers of the session run best.
    let callers: LoopExecutor

    init(_ loop: SocketLoop) { callers = LoopExecutor.of(loop) }

    func enqueue(_ job: consuming ExecutorJob) {
        callers.loop.take(.sessionJob(UnownedJob(job), on: self))
    }

    /// The loop calls a session without any job: then it is the thread that tells.
    func isIsolatingCurrentContext() -> Bool? { callers.loop.inEventLoop }
}
