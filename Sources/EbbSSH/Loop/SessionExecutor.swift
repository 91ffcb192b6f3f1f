import NIOCore

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
