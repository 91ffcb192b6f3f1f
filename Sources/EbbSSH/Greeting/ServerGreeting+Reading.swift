package import EbbModel
package import EbbTransport
import NIOCore

extension ServerGreeting {
    /// Reads the greeting of a host from a bare socket: nothing is negotiated or logged in.
    package static func read(
        from settings: ConnectionSettings, timeout: Duration, loops: SocketLoops = SSHTransport.loops
    ) async throws(TransportError) -> ServerGreeting {
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        return try await SSHSession.lent(for: settings.host, on: loops.next()) { session throws(TransportError) in
            try await session.readGreeting(settings, deadline: deadline, timeout: timeout)
        }
    }
}

extension SSHSession {
    /// Connects, and takes the server's first bytes without entering libssh2.
    fileprivate func readGreeting(_ settings: ConnectionSettings, deadline: NIODeadline, timeout: Duration)
        async throws(TransportError) -> ServerGreeting
    {
        let watchdog = scheduleEstablished(by: deadline, timeout: timeout)
        defer { cancel(watchdog) }
        return try await endingOnCancellation { () async throws(TransportError) in
            let addresses = try await resolve(settings.address, port: settings.port)
            try await connect(to: addresses, deadline: deadline)
            phase = hasGreeted ? .keyExchange : .banner
            // OpenSSH sends its offer at once; others wait for the client's banner.
            send(Array("SSH-2.0-Ebb\r\n".utf8))
            return try await until { () throws(TransportError) in
                do throws(ServerGreeting.Malformed) {
                    let bytes = Array(self.engine.input.readableBytesView)
                    if let greeting = try ServerGreeting(bytes) { return greeting }
                } catch {
                    throw self.problem(
                        .keyExchangeFailed, "The port does not speak SSH: \(error.reason).", cause: error)
                }
                guard !self.engine.inputEnded else {
                    throw self.problem(
                        .connectFailed, "The host hung up during \(self.phase.words).", cause: self.carrierError)
                }
                return nil
            }
        }
    }
}
