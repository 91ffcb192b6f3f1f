import NIOCore

extension SSHSession {
    /// Has something done to the session at a moment, unless it is cancelled before.
    ///
    /// Whoever schedules it cancels it: the loop keeps the session until then.
    func schedule(_ moment: NIODeadline, _ action: @escaping @Sendable (isolated SSHSession) -> Void)
        -> LoopTimers.Ticket
    { loop.poller.timers.schedule(moment) { self.assumeIsolated { action($0) } } }

    /// Takes back what was to happen; nothing happens where it has.
    func cancel(_ ticket: LoopTimers.Ticket) { loop.poller.timers.cancel(ticket) }
}
