package import EbbModel
import Synchronization

/// Keeps at most so many connections open at once, and fewer through any one jump host.
///
/// Whoever has to wait is served in order; waiting counts against no deadline.
package struct LimitedTransport<Base: Transport>: Transport {
    private let base: Base
    private let all: Slots
    private let perJump: Int
    private let jumps = JumpSlots()

    package init(_ base: Base, connections: Int = 64, perJump: Int = 16) {
        self.base = base
        self.perJump = perJump
        all = Slots(connections)
    }

    package func withConnection<Result: Sendable>(
        to settings: ConnectionSettings, timeout: Duration,
        _ body: (any Connection) async throws(TransportError) -> Result
    ) async throws(TransportError) -> Result {
        var slots = [all]
        if let jump = settings.jumps.first {
            // The narrow gate first: who waits there holds no place among all.
            slots.insert(jumps.slots(of: "\(jump.address):\(jump.port)", count: perJump), at: 0)
        }
        var taken: [Slots] = []
        defer { for slot in taken { slot.release() } }
        for slot in slots {
            guard await slot.acquire() else {
                throw TransportError(
                    .cancelled, phase: .resolve, host: settings.host, "Cancelled while waiting.")
            }
            taken.append(slot)
        }
        return try await base.withConnection(to: settings, timeout: timeout, body)
    }
}

/// The slots of each jump host that was used.
private final class JumpSlots: Sendable {
    private let slots = Mutex<[String: Slots]>([:])

    func slots(of jump: String, count: Int) -> Slots {
        slots.withLock { slots in
            if let known = slots[jump] { return known }
            let new = Slots(count)
            slots[jump] = new
            return new
        }
    }
}

/// A counted number of places, given out in the order of asking.
private final class Slots: Sendable {
    private struct State {
        var free: Int
        var next = 0
        var waiting: [(ticket: Int, CheckedContinuation<Bool, Never>)] = []
        /// Tickets that were cancelled before they got into the queue.
        var cancelled: Set<Int> = []
    }

    private let state: Mutex<State>

    init(_ count: Int) { state = Mutex(State(free: max(1, count))) }

    /// Waits for a place; false when the task was cancelled, and no place is held.
    func acquire() async -> Bool {
        let ticket = state.withLock { state in
            state.next += 1
            return state.next
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if state.cancelled.remove(ticket) != nil { return false }
                    if state.free > 0 {
                        state.free -= 1
                        return true
                    }
                    state.waiting.append((ticket, continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                if let index = state.waiting.firstIndex(where: { $0.ticket == ticket }) {
                    return state.waiting.remove(at: index).1 as CheckedContinuation<Bool, Never>?
                }
                state.cancelled.insert(ticket)
                return nil
            }
            waiter?.resume(returning: false)
        }
    }

    /// Gives a place back, to whoever waits longest.
    func release() {
        let waiter = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst().1
        }
        waiter?.resume(returning: true)
    }
}
