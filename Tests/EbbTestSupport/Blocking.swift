import Foundation
package import Testing

/// Tests that block their thread: they wait for programs or read what comes slowly.
///
/// All tests share as few threads as there are cores. These run on threads of their own, a bounded
/// number at once, so that the others' deadlines measure the code and not the queue.
package struct Blocking: TestTrait, SuiteTrait, TestScoping {
    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws { try await withTaskExecutorPreference(Threads.shared, operation: function) }

    /// Two threads for each core.
    private final class Threads: TaskExecutor {
        static let shared = Threads()
        private let queue = OperationQueue()

        init() { queue.maxConcurrentOperationCount = 2 * ProcessInfo.processInfo.activeProcessorCount }

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            queue.addOperation { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }
}

extension Trait where Self == Blocking {
    /// The test, or every test of the suite, blocks its thread.
    package static var blocking: Blocking { Blocking() }
}
