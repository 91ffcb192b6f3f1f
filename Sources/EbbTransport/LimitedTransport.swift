package import EbbModel
import Synchronization

/// Keeps at most so many connections open at once, fewer through any one jump host, and fewer being
/// made.
///
/// Waiters are served in order; waiting counts against no deadline. Of those that need not wait, each
/// starts a little later, at random: servers refuse what comes all at once (`MaxStartups`), and so do
/// routers. Those that waited are late enough.
package final class LimitedTransport<Base: Transport>: Transport {
    private let base: Base
    private let all: Slots
    private let connecting: Slots
    private let perJump: Int
    /// The slots of each jump host that was used.
    private let jumps = Mutex<[String: Slots]>([:])
    private let spread: Duration
    private let pause: @Sendable (Duration) async throws -> Void

    /// Lets `connections` be open, of them `connecting` not yet logged in; the starts of those that
    /// need not wait are spread by up to `spread` for each that is connecting already.
    ///
    /// `pause` waits until a time has passed or the task is cancelled.
    package init(
        _ base: Base, connections: Int = 64, perJump: Int = 16, connecting: Int = 32,
        spread: Duration = .milliseconds(5),
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        (self.base, self.perJump, self.spread, self.pause) = (base, perJump, spread, pause)
        all = Slots(connections)
        self.connecting = Slots(connecting)
    }

    package func withConnection<Result: Sendable>(
        to settings: ConnectionSettings, timeout: Duration,
        _ body: (any Connection) async throws(TransportError) -> Result
    ) async throws(TransportError) -> Result {
        var slots = [all]
        if let jump = settings.jumps.first {
            // The narrow gate first: those that wait there take no place of others.
            let name = "\(jump.address):\(jump.port)"
            let gate = jumps.withLock { jumps in
                let gate = jumps[name, default: Slots(perJump)]
                jumps[name] = gate
                return gate
            }
            slots.insert(gate, at: 0)
        }
        slots.append(connecting)
        var taken: [Place] = []
        defer { for place in taken { place.leave() } }
        var ahead = 0
        var hasWaited = false
        for slot in slots {
            switch await slot.acquire() {
            case .cancelled: throw Self.cancelled(settings)
            case .waited: hasWaited = true
            case .free(let held): ahead = held
            }
            taken.append(Place(in: slot))
        }
        if !hasWaited, ahead > 0, spread > .zero {
            do { try await pause(spread * Double.random(in: 0...Double(ahead))) } catch {
                throw Self.cancelled(settings)
            }
        }
        let place = taken.removeLast()
        defer { place.leave() }
        return try await base.withConnection(to: settings, timeout: timeout) { connection throws(TransportError) in
            place.leave()
            return try await body(connection)
        }
    }

    /// Closes the idle connections to a host.
    package func forget(_ host: HostName) async { await base.forget(host) }

    private static func cancelled(_ settings: ConnectionSettings) -> TransportError {
        TransportError(.cancelled, phase: .resolve, host: settings.host, "Cancelled while waiting.")
    }
}

/// A place that is given back once.
private final class Place: Sendable {
    private let slots: Mutex<Slots?>

    init(in slots: Slots) { self.slots = Mutex(slots) }

    func leave() { slots.withLock { $0.take() }?.release() }
}

/// A counted number of places, given out in the order of asking.
private final class Slots: Sendable {
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
        let ticket = state.withLock { state in
            state.next += 1
            return state.next
        }
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
