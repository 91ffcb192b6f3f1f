import EbbEngine
import EbbTestSupport
import Synchronization
import Testing

@Suite struct FanOutTests {
    /// How many bodies are under way, and how many were at the most.
    private final class Gauge: Sendable {
        private let state = Mutex((now: 0, most: 0))

        func enter() {
            state.withLock { state in
                state.now += 1
                state.most = max(state.most, state.now)
            }
        }

        func leave() { state.withLock { $0.now -= 1 } }

        var most: Int { state.withLock { $0.most } }
    }

    @Test(arguments: [(0, 4), (1, 4), (100, 1), (100, 7), (3, 64), (10, 0)])
    func `every element has its own result in its own place, and never too many run`(count: Int, limit: Int) async {
        let gauge = Gauge()
        let elements = Array(0..<count)
        let results = await fanOut(over: elements, limit: limit) { element in
            gauge.enter()
            for _ in 0..<(element * 7 % 5) { await Task.yield() }
            gauge.leave()
            return element * 2
        }
        #expect(results == elements.map { $0 * 2 })
        #expect(gauge.most <= max(1, limit))
    }

    @Test func `a cancelled run still has a result for every element`() async {
        let task = Task {
            await fanOut(over: Array(0..<50), limit: 4) { _ in
                await Task.yield()
                return Task.isCancelled
            }
        }
        task.cancel()
        #expect(await task.value.count == 50)
    }
}
