package import EbbModel
package import EbbTransport
import NIOCore

extension ServerGreeting {
    /// Reads the greeting of a host from a bare socket: nothing is negotiated or logged in.
    package static func read(
        from settings: ConnectionSettings, timeout: Duration,
        loops: SocketLoops = SSHTransport.loops
    ) async throws(TransportError) -> ServerGreeting {
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        let session = try SSHSession(host: settings.host, loop: loops.next())
        let result: Result<ServerGreeting, TransportError>
        do throws(TransportError) {
            result = .success(
                try await session.readGreeting(settings, deadline: deadline, timeout: timeout))
        } catch {
            result = .failure(error)
        }
        await session.close()
        return try result.get()
    }
}

extension SSHSession {
    /// Connects, and takes the server's first bytes without entering libssh2.
    fileprivate func readGreeting(
        _ settings: ConnectionSettings, deadline: NIODeadline, timeout: Duration
    ) async throws(TransportError) -> ServerGreeting {
        let watchdog = establishing(deadline: deadline, timeout: timeout)
        defer { lift(watchdog) }
        return try await endingOnCancellation { () async throws(TransportError) in
            let addresses = try await resolve(settings.address, port: settings.port)
            try await connect(to: addresses, deadline: deadline)
            phase = hasGreeted ? .keyExchange : .banner
            // OpenSSH says what it offers at once; others wait for the client's banner.
            send(Array("SSH-2.0-Ebb\r\n".utf8))
            return try await until { () throws(TransportError) in
                do throws(ServerGreeting.Malformed) {
                    let bytes = Array(self.engine.input.readableBytesView)
                    if let greeting = try ServerGreeting(bytes) { return greeting }
                } catch {
                    throw TransportError(
                        .keyExchangeFailed, phase: self.phase, host: self.host,
                        "The port does not speak SSH: \(error.reason).", cause: error)
                }
                guard !self.engine.inputEnded else {
                    throw TransportError(
                        .connectFailed, phase: self.phase, host: self.host,
                        "The host hung up during \(self.phase.words).", cause: self.carrierError)
                }
                return nil
            }
        }
    }
}
