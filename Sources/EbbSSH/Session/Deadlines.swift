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
    private var timer: LoopTimers.Ticket?

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
    fileprivate mutating func arm(for session: isolated SSHSession) {
        guard let moment = entries.map(\.moment).min() else { return }
        if let timer, timer.moment <= moment { return }
        if let timer { session.loop.poller.timers.lift(timer) }
        timer = session.loop.poller.timers.set(moment) {
            session.assumeIsolated { $0.passDeadlines() }
        }
    }

    /// Lifts all.
    mutating func clear(of loop: SocketLoop) {
        entries = []
        if let timer { loop.poller.timers.lift(timer) }
        timer = nil
    }
}

extension SSHSession {
    /// Has something done to the session at a moment, unless it is lifted or the session ends before.
    func at(
        _ moment: NIODeadline, _ pass: @escaping (isolated SSHSession) -> Void
    ) -> Deadlines.Ticket {
        defer { deadlines.arm(for: self) }
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

    fileprivate func passDeadlines() {
        for pass in deadlines.takePassed() { pass(self) }
        deadlines.arm(for: self)
    }
}
