package import EbbModel
import Synchronization

/// Keeps at most so many connections open at once, fewer through any one jump host, and fewer being
/// made.
///
/// Waiters are served in order; waiting counts against no deadline. Of those that need not wait, each
/// starts a little later, at random: servers refuse what comes all at once (`MaxStartups`), and so do
/// routers. Those that waited are late enough.
package struct LimitedTransport<Base: Transport>: Transport {
    private let base: Base
    private let all: Slots
    private let connecting: Slots
    private let perJump: Int
    private let jumps = JumpSlots()
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
            slots.insert(jumps.slots(of: "\(jump.address):\(jump.port)", count: perJump), at: 0)
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
