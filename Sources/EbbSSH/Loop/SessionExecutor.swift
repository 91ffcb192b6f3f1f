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
        let job = UnownedJob(job)
        callers.loop.execute {
            job.runSynchronously(
                isolatedTo: self.asUnownedSerialExecutor(),
                taskExecutor: self.callers.asUnownedTaskExecutor())
        }
    }

    /// The loop calls a session without any job: then it is the thread that tells.
    func checkIsolated() { callers.loop.preconditionInEventLoop() }
}
