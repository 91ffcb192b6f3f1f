import Synchronization

/// A counted number of places, given out in the order of asking.
final class Slots: Sendable {
    private struct State {
        var taken = 0
        var next = 0
        var waiting: [(ticket: Int, CheckedContinuation<Acquired, Never>)] = []
        /// Tickets that were cancelled before they got into the queue.
        var cancelled: Set<Int> = []
    }

    private let count: Int
    private let state = Mutex(State())

    init(_ count: Int) { self.count = max(1, count) }

    /// How waiting for a place ended.
    enum Acquired: Sendable {
        /// At once; so many were held already.
        case free(held: Int)
        /// After waiting until another one was given back.
        case waited
        /// Without a place: the task was cancelled.
        case cancelled
    }

    /// Waits for a place.
    func acquire() async -> Acquired {
        if Task.isCancelled { return .cancelled }
        let (taken, ticket) = state.withLock { state -> (Acquired?, Int) in
            if state.taken < count {
                state.taken += 1
                return (.free(held: state.taken - 1), 0)
            }
            state.next += 1
            return (nil, state.next)
        }
        if let taken { return taken }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Acquired? = state.withLock { state in
                    if state.cancelled.remove(ticket) != nil { return .cancelled }
                    if state.taken < count {
                        state.taken += 1
                        return .free(held: state.taken - 1)
                    }
                    state.waiting.append((ticket, continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                if let index = state.waiting.firstIndex(where: { $0.ticket == ticket }) {
                    return state.waiting.remove(at: index).1 as CheckedContinuation<Acquired, Never>?
                }
                state.cancelled.insert(ticket)
                return nil
            }
            waiter?.resume(returning: .cancelled)
        }
    }

    /// Gives a place back, to the one that waits longest.
    func release() {
        let waiter = state.withLock { state -> CheckedContinuation<Acquired, Never>? in
            guard !state.waiting.isEmpty else {
                state.taken -= 1
                return nil
            }
            return state.waiting.removeFirst().1
        }
        waiter?.resume(returning: .waited)
    }
}
