import EbbModel
import EbbTransport
import NIOCore

extension SSHSession {
    /// Lends a session that only asks a host something, and closes it.
    static func lent<Value: Sendable>(
        for host: HostName, on loop: SocketLoop, _ body: (SSHSession) async throws(TransportError) -> Value
    ) async throws(TransportError) -> Value {
        let session = try SSHSession(host: host, loop: loop)
        let result: Result<Value, TransportError>
        do throws(TransportError) { result = .success(try await body(session)) } catch { result = .failure(error) }
        await session.close()
        return try result.get()
    }

    /// Connects, directly or inside a session that nobody else uses, checks the host and logs in.
    @discardableResult func establish(
        _ settings: ConnectionSettings, through outer: SSHSession?, files: RunFiles, deadline: NIODeadline,
        timeout: Duration
    ) async throws(TransportError) -> SSHConnection {
        try await establish(settings, files: files, deadline: deadline, timeout: timeout) {
            () async throws(TransportError) in
            if let outer {
                try await outer.openTunnel(to: settings, for: self, deadline: deadline)
            } else {
                let addresses = try await resolve(settings.address, port: settings.port)
                try await connect(to: addresses, deadline: deadline)
            }
        }
    }

    /// Connects with `reach`, checks the host and logs in.
    func establish(
        _ settings: ConnectionSettings, files: RunFiles, deadline: NIODeadline, timeout: Duration,
        reach: () async throws(TransportError) -> Void
    ) async throws(TransportError) -> SSHConnection {
        let watchdog = scheduleEstablished(by: deadline, timeout: timeout)
        defer { cancel(watchdog) }
        return try await endingOnCancellation { () async throws(TransportError) in
            let policy = try files.hostKeyPolicy(for: settings)
            let identities = try await identities(for: settings, files: files)
            phase = .connect
            try await reach()
            do throws(TransportError) {
                let key = try await logIn(settings, policy, identities)
                return SSHConnection(host: host, hostKey: key, session: self, algorithms: algorithms)
            } catch  where error.code == .authenticationFailed { throw files.blaming(error, for: settings) }
        }
    }

    /// Exchanges keys and logs in, each step as soon as the host has answered the one before.
    private func logIn(_ settings: ConnectionSettings, _ policy: HostKeyPolicy, _ identities: [Identity])
        async throws(TransportError) -> HostKey
    {
        try prepareExchange(policy, of: settings)
        login.user = settings.user
        login.identities = identities
        var accepted: HostKey?
        let (key, answer) = try await until { () throws(TransportError) -> (HostKey, KeyLogin.Answer)? in
            if accepted == nil { accepted = try self.advanceExchange(policy, of: settings) }
            guard let key = accepted, let answer = try self.advanceLogin() else { return nil }
            return (key, answer)
        }
        try await finishLogin(answer, password: settings.password)
        return key
    }

    /// Opens a channel for a session that nobody else uses this one for; a failure is that session's own.
    private func openTunnel(to settings: ConnectionSettings, for inner: SSHSession, deadline: NIODeadline)
        async throws(TransportError)
    {
        let watchdog = schedule(deadline) {
            $0.fail(
                TransportError(
                    .connectTimedOut, phase: .connect, host: settings.host,
                    "The jump host \($0.host) did not connect in time."))
        }
        defer { cancel(watchdog) }
        try await endingOnCancellation { () async throws(TransportError) in
            do throws(TransportError) {
                try await openTunnel(to: settings.address, port: settings.port, for: inner)
            } catch {
                throw TransportError(error.code, phase: .connect, host: settings.host, error.message, cause: error)
            }
        }
    }
}
