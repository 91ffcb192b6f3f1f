import EbbTransport
import NIOCore

/// What is to happen to one session at which moment, on one timer of its loop.
///
/// Nearly every deadline is lifted long before it passes, so setting and lifting touch the loop only
/// where a deadline is nearer than all others were. A value of an actor: its confinement protects it.
struct Deadlines {
    /// A deadline that can be lifted.
    struct Ticket {
        fileprivate let number: Int
    }

    private struct Entry {
        let number: Int
        let moment: NIODeadline
        let pass: (isolated SSHSession) -> Void
    }

    private var entries: [Entry] = []
    private var next = 0
    private var timer: (moment: NIODeadline, callback: NIOScheduledCallback)?

    fileprivate mutating func set(
        _ moment: NIODeadline, _ pass: @escaping (isolated SSHSession) -> Void
    ) -> Ticket {
        next += 1
        entries.append(Entry(number: next, moment: moment, pass: pass))
        return Ticket(number: next)
    }

    fileprivate mutating func lift(_ ticket: Ticket) {
        entries.removeAll { $0.number == ticket.number }
    }

    /// Takes those that have passed, the earliest first.
    fileprivate mutating func takePassed() -> [(isolated SSHSession) -> Void] {
        timer = nil
        let now = NIODeadline.now()
        let passed = entries.filter { $0.moment <= now }.sorted { $0.moment < $1.moment }
        entries.removeAll { $0.moment <= now }
        return passed.map(\.pass)
    }

    /// Sees to it that the timer does not come too late for any.
    fileprivate mutating func arm(on loop: any EventLoop, for session: SSHSession) {
        guard let moment = entries.map(\.moment).min() else { return }
        if let timer, timer.moment <= moment { return }
        timer?.callback.cancel()
        // A loop that is shut down runs nothing more, and the session with it.
        timer = (try? loop.scheduleCallback(at: moment, handler: session)).map { (moment, $0) }
    }

    /// Lifts all.
    mutating func clear() {
        entries = []
        timer?.callback.cancel()
        timer = nil
    }
}

extension SSHSession: NIOScheduledCallbackHandler {
    /// Has something done to the session at a moment, unless it is lifted or the session ends before.
    func at(
        _ moment: NIODeadline, _ pass: @escaping (isolated SSHSession) -> Void
    ) -> Deadlines.Ticket {
        defer { deadlines.arm(on: loop, for: self) }
        return deadlines.set(moment, pass)
    }

    /// Fails the session with an error of the phase it is in when the deadline passes.
    func watchdog(
        _ moment: NIODeadline,
        _ error: @escaping @Sendable (TransportError.Phase) -> TransportError
    ) -> Deadlines.Ticket {
        at(moment) { session in session.fail(error(session.phase)) }
    }

    /// Takes back what was to happen.
    func lift(_ ticket: Deadlines.Ticket) { deadlines.lift(ticket) }

    nonisolated func handleScheduledCallback(eventLoop: some EventLoop) {
        assumeIsolated { session in
            for pass in session.deadlines.takePassed() { pass(session) }
            session.deadlines.arm(on: session.loop, for: session)
        }
    }
}
