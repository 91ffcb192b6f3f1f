import EbbSSH
import NIOCore
import Synchronization
import Testing

struct SocketLoopTests {
    /// What a loop did, as it came.
    private final class Diary<Entry: Sendable>: Sendable {
        let entries = Mutex<[Entry]>([])

        func note(_ entry: Entry) { entries.withLock { $0.append(entry) } }
    }

    @Test func `work runs once, in the order in which each thread brought it`() async throws {
        let loop = SocketLoop()
        let diary = Diary<(thread: Int, number: Int)>()
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<8 {
                group.addTask {
                    for number in 0..<1_000 {
                        loop.execute {
                            loop.preconditionInEventLoop()
                            diary.note((thread, number))
                        }
                    }
                }
            }
        }
        try await loop.submit {}.get()
        let entries = diary.entries.withLock { $0 }
        for thread in 0..<8 {
            let numbers = entries.filter { $0.thread == thread }.map(\.number)
            #expect(numbers == Array(0..<1_000))
        }
    }

    @Test func `what is due passes in its order, and what was taken back never does`() async throws {
        let loop = SocketLoop()
        let diary = Diary<Int64>()
        let begin = NIODeadline.now()
        var kept: [Int64] = []
        // The loop is held up until all are set.
        let gate = Mutex(())
        gate.withLock { _ in
            loop.execute { gate.withLock { _ in } }
            for number in 0..<300 {
                // Each time once, in no order.
                let time = Int64(number * 7_919 % 300) * 100
                let task = loop.scheduleTask(deadline: begin + .microseconds(time)) { diary.note(time) }
                if number % 3 == 0 { task.cancel() } else { kept.append(time) }
            }
        }
        try await loop.scheduleTask(deadline: begin + .milliseconds(31)) {}.futureResult.get()
        #expect(diary.entries.withLock { $0 } == kept.sorted())
    }

    @Test func `work that makes work for ever keeps no timer waiting`() async throws {
        let loop = SocketLoop()
        let isOver = Atomic(false)
        @Sendable func again() { if !isOver.load(ordering: .relaxed) { loop.execute(again) } }
        loop.execute(again)
        try await loop.scheduleTask(in: .milliseconds(5)) {}.futureResult.get()
        isOver.store(true, ordering: .relaxed)
        try await loop.submit {}.get()
    }

    @Test func `a pause ends with its task`() async {
        let pause = Task { try await SSHTransport.pause(.seconds(3_600)) }
        pause.cancel()
        await #expect(throws: (any Error).self) { try await pause.value }
    }
}
