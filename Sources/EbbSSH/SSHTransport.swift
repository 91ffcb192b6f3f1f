package import EbbModel
package import EbbTransport
package import NIOCore
import NIOPosix

/// Reaches hosts through libssh2.
///
/// One value serves a run: key files and pinned host keys are read once, on first use.
package struct SSHTransport: Transport {
    private let group: any EventLoopGroup
    private let files = RunFiles()

    package init(eventLoopGroup: any EventLoopGroup = .singletonMultiThreadedEventLoopGroup) {
        group = eventLoopGroup
    }

    package func withConnection<Result: Sendable>(
        to settings: ConnectionSettings, timeout: Duration,
        _ body: (any Connection) async throws(TransportError) -> Result
    ) async throws(TransportError) -> Result {
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        let session = try SSHSession(host: settings.host, loop: group.next())
        let outcome: Swift.Result<Result, TransportError>
        do throws(TransportError) {
            let hostKey = try await session.establish(
                settings, files: files, deadline: deadline, timeout: timeout)
            let connection = SSHConnection(
                host: settings.host, hostKey: hostKey, session: session)
            outcome = .success(try await body(connection))
        } catch {
            outcome = .failure(error)
        }
        await session.close()
        return try outcome.get()
    }

    /// Ends what outlives single connections.
    package func shutdown() async {}
}

extension SSHSession {
    /// Connects, checks the host and logs in.
    func establish(
        _ settings: ConnectionSettings, files: RunFiles, deadline: NIODeadline, timeout: Duration
    ) async throws(TransportError) -> HostKey {
        let watchdog = establishing(deadline: deadline, timeout: timeout)
        defer { watchdog.cancel() }
        return try await endingOnCancellation { () async throws(TransportError) in
            let policy = try files.hostKeyPolicy(for: settings)
            let identities = try files.identities(for: settings)
            let addresses = try await resolve(settings.address, port: settings.port)
            try await connect(to: addresses, deadline: deadline)
            let key = try await exchangeKeys(
                policy, address: settings.address, port: settings.port)
            try await logIn(user: settings.user, identities: identities)
            return key
        }
    }
}
