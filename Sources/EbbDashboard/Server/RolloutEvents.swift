import EbbModel
import EbbReport
import EbbStore
import FoundationEssentials
import Synchronization

/// The page of a rollout as a stream of server-sent events: one whenever something has changed.
struct RolloutEvents: Sendable {
    let reader: FleetReader
    let rollout: RolloutID

    /// How many may follow at once; a page that finds no place loads itself again instead.
    final class Places: Sendable {
        private let free: Mutex<Int>

        init(_ count: Int = 64) { free = Mutex(count) }

        func take() -> Bool {
            free.withLock { free in
                guard free > 0 else { return false }
                free -= 1
                return true
            }
        }

        func give() { free.withLock { $0 += 1 } }
    }

    /// The pieces of the stream; each is asked for, and an empty one says that nothing changed.
    ///
    /// The stream ends with the rollout, and after ten minutes in any case: browsers come back.
    func pieces() -> AsyncStream<[UInt8]> {
        let state = Mutex((round: 0, last: ""))
        return AsyncStream {
            let (number, last) = state.withLock { state in
                state.round += 1
                return state
            }
            guard number < 600, last != "over", !Task.isCancelled else { return nil }
            if number > 1 { try? await Task.sleep(for: .seconds(1)) }
            guard let (rollout, markup) = try? await read() else { return nil }
            let isOver = rollout != .running
            state.withLock { $0.last = isOver ? "over" : markup }
            var text = ""
            if last != markup { text += "event: page\ndata: \(JSONText.line(.string(markup)))\n\n" }
            if isOver { text += "event: end\ndata: {}\n\n" }
            // A word now and then shows whether the browser is still there.
            if text.isEmpty, number % 15 == 0 { text = ": still here\n\n" }
            return Array(text.utf8)
        }
    }

    private func read() async throws -> (RolloutState, String) {
        let stored = try await reader.store.rollout(rollout)
        let attempts = try await reader.store.attempts(of: rollout)
        let page = RolloutPage(rollout: stored, attempts: attempts, now: await reader.clock())
        return (stored.state, page.content.text)
    }
}
