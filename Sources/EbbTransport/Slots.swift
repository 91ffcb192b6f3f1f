import Synchronization

/// A counted number of places, given out in the order of asking.
final class Slots: Sendable {
    private struct State {
        var taken = 0
        var next = 0
        var waiting: [(ticket: Int, CheckedContinuation<Int?, Never>)] = []
        /// Tickets that were cancelled before they got into the queue.
        var cancelled: Set<Int> = []
    }

    private let count: Int
    private let state = Mutex(State())

    init(_ count: Int) { self.count = max(1, count) }

    /// Waits for a place; nil when the task was cancelled, and no place is held.
    ///
    /// Else how many were held already, or 0 for one who had to wait for his.
    func acquire() async -> Int? {
        let ticket = state.withLock { state in
            state.next += 1
            return state.next
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Int?? = state.withLock { state in
                    if state.cancelled.remove(ticket) != nil { return .some(nil) }
                    if state.taken < count {
                        state.taken += 1
                        return state.taken - 1
                    }
                    state.waiting.append((ticket, continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                if let index = state.waiting.firstIndex(where: { $0.ticket == ticket }) {
                    return state.waiting.remove(at: index).1 as CheckedContinuation<Int?, Never>?
                }
                state.cancelled.insert(ticket)
                return nil
            }
            waiter?.resume(returning: nil)
        }
    }

    /// Gives a place back, to whoever waits longest.
    func release() {
        let waiter = state.withLock { state -> CheckedContinuation<Int?, Never>? in
            guard !state.waiting.isEmpty else {
                state.taken -= 1
                return nil
            }
            return state.waiting.removeFirst().1
        }
        waiter?.resume(returning: 0)
    }
}
