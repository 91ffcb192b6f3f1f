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
