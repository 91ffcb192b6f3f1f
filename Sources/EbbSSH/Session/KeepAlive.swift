import CLibSSH2
import EbbTransport
import NIOCore

/// How a peer that fell silent is noticed before a command's own time is over.
package struct KeepAlive: Sendable, Hashable {
    /// How often the peer is asked whether it is there.
    package var interval: Duration
    /// How long nothing may arrive, although the peer was asked.
    package var timeout: Duration

    package init(interval: Duration = .seconds(15), timeout: Duration = .seconds(45)) {
        (self.interval, self.timeout) = (interval, timeout)
    }
}

extension SSHSession {
    /// Asks the peer regularly whether it is there; libssh2 asks, and cares about no answer.
    func startKeepAlive() {
        let seconds = max(2, keepAlive.interval.components.seconds)
        libssh2_keepalive_config(engine.session, 1, UInt32(clamping: seconds))
        lastArrival = .now()
        awaitKeepAlive()
    }

    /// Asks no more.
    func stopKeepAlive() { if let nextKeepAlive { cancel(nextKeepAlive) } }

    private func awaitKeepAlive() {
        nextKeepAlive = schedule(.now() + TimeAmount(keepAlive.interval)) { $0.sendKeepAlive() }
    }

    private func sendKeepAlive() {
        guard failure == nil, !isClosed else { return }
        if lastArrival + TimeAmount(keepAlive.timeout) < .now() {
            return fail(problem(.connectionLost, "The host has not answered for \(keepAlive.timeout)."))
        }
        var next: Int32 = 0
        libssh2_keepalive_send(engine.session, &next)
        flush()
        if failure == nil, !isClosed { awaitKeepAlive() }
    }
}
