import EbbModel
import EbbTransport
import NIOCore

/// The sessions that lead to a host.
///
/// One for each jump host, each inside the one before, and the host's own; all live on one event
/// loop.
struct SSHPath {
    private let settings: ConnectionSettings
    private let jumps: [SSHSession]
    /// The session of the host itself.
    let session: SSHSession

    init(
        to settings: ConnectionSettings, loop: any EventLoop, keepAlive: KeepAlive
    ) throws(TransportError) {
        var jumps: [SSHSession] = []
        for jump in settings.jumps {
            jumps.append(try SSHSession(host: jump.host, loop: loop, readsAhead: false))
        }
        self.settings = settings
        self.jumps = jumps
        session = try SSHSession(host: settings.host, loop: loop, keepAlive: keepAlive)
    }

    /// Connects, checks every host on the way and logs in; returns the last host's key.
    func establish(files: RunFiles, timeout: Duration) async throws(TransportError) -> HostKey {
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        var outer: SSHSession?
        for (session, jump) in zip(jumps, settings.jumps) {
            do throws(TransportError) {
                _ = try await session.establish(
                    jump, through: outer, files: files, deadline: deadline, timeout: timeout)
            } catch {
                throw TransportError(
                    error.code, phase: error.phase, host: settings.host,
                    "Jump host \(jump.host): \(error.message)", cause: error)
            }
            outer = session
        }
        return try await session.establish(
            settings, through: outer, files: files, deadline: deadline, timeout: timeout)
    }

    /// Closes from the inside out.
    func close() async {
        await session.close()
        for jump in jumps.reversed() { await jump.close() }
    }
}

extension SSHSession {
    /// Connects, checks the host and logs in.
    func establish(
        _ settings: ConnectionSettings, through outer: SSHSession?, files: RunFiles,
        deadline: NIODeadline, timeout: Duration
    ) async throws(TransportError) -> HostKey {
        let watchdog = establishing(deadline: deadline, timeout: timeout)
        defer { watchdog.cancel() }
        return try await endingOnCancellation { () async throws(TransportError) in
            let policy = try files.hostKeyPolicy(for: settings)
            let identities = try await identities(for: settings, files: files)
            if let outer {
                try await tunnel(through: outer, to: settings, deadline: deadline)
            } else {
                let addresses = try await resolve(settings.address, port: settings.port)
                try await connect(to: addresses, deadline: deadline)
            }
            let key = try await exchangeKeys(policy, of: settings)
            do throws(TransportError) {
                try await logIn(user: settings.user, identities: identities)
            } catch  where error.code == .authenticationFailed {
                throw files.blaming(error, for: settings)
            }
            return key
        }
    }

    /// Has the outer session open a channel to the host; its failure is this session's own.
    private func tunnel(
        through outer: SSHSession, to settings: ConnectionSettings, deadline: NIODeadline
    ) async throws(TransportError) {
        phase = .connect
        let host = host
        let watchdog = outer.watchdog(deadline) { _ in
            TransportError(
                .connectTimedOut, phase: .connect, host: host,
                "The jump host did not connect in time.")
        }
        defer { watchdog.cancel() }
        try await outer.endingOnCancellation { () async throws(TransportError) in
            do throws(TransportError) {
                try await outer.openTunnel(
                    to: settings.address, port: settings.port, for: self)
            } catch {
                throw TransportError(
                    error.code, phase: .connect, host: host, error.message, cause: error)
            }
        }
    }
}
