import CLibSSH2
import EbbTransport
import NIOCore

/// How a peer that fell silent is noticed before a command's own time is over.
package struct KeepAlive: Sendable, Hashable {
    /// How often the peer is asked whether it is there.
    package var interval: Duration
    /// How long nothing may arrive, although the peer was asked.
    package var patience: Duration

    package init(interval: Duration = .seconds(15), patience: Duration = .seconds(45)) {
        self.interval = interval
        self.patience = patience
    }
}

extension SSHSession {
    /// Asks the peer regularly whether it is there; libssh2 asks, and cares about no answer.
    func beat() {
        let seconds = max(2, keepAlive.interval.components.seconds)
        libssh2_keepalive_config(engine.session, 1, UInt32(clamping: seconds))
        lastArrival = .now()
        awaitBeat()
    }

    func stopBeating() { if let heart { lift(heart) } }

    private func awaitBeat() {
        heart = at(.now() + TimeAmount(keepAlive.interval)) { session in
            session.ask(patience: session.keepAlive.patience)
            if session.failure == nil, !session.isClosed { session.awaitBeat() }
        }
    }

    private func ask(patience: Duration) {
        guard failure == nil, !isClosed else { return }
        if lastArrival + TimeAmount(patience) < .now() {
            fail(
                TransportError(
                    .connectionLost, phase: phase, host: host,
                    "The host has not answered for \(patience)."))
            return
        }
        var next: Int32 = 0
        libssh2_keepalive_send(engine.session, &next)
        flush()
    }
}
