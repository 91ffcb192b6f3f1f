import CLibSSH2
package import EbbModel
package import EbbTransport
import FoundationEssentials
import NIOCore
import NIOPosix

/// Reaches hosts through libssh2.
///
/// One value serves a run: key files and pinned host keys are read once, on first use.
package struct SSHTransport: Transport {
    private let sockets: SocketLoops
    let files: RunFiles
    private let keepAlive: KeepAlive
    private let lines: JumpLines
    private let kept: KeptSessions

    /// Few loops, each of many sessions: an event that wakes a thread costs more than its bytes.
    package static let loops: SocketLoops = {
        prepareMemory()
        return SocketLoops((0..<max(1, min(4, System.coreCount / 2))).map { _ in SocketLoop() })
    }()

    /// Has the threads to come share one heap that grows in large steps; best before there are any.
    ///
    /// By default each has its own, and each session costs several calls to the kernel for its few pages.
    package static func prepareMemory() {
        mallopt(M_ARENA_MAX, 1)
        mallopt(M_TOP_PAD, 1 << 20)
    }

    /// Uses the agent behind `agentSocket`, by default the one that the environment names.
    ///
    /// `prompt` is asked at most once in a run for each secret: the passphrase of an encrypted key
    /// file that no agent holds; through an `AutoTransport`, the password of a user who is to be asked.
    ///
    /// A connection stays open for `keeping` after its use, to be used again.
    package init(
        loops: SocketLoops = Self.loops, agentSocket: String? = ProcessVariable.named("SSH_AUTH_SOCK"),
        keepAlive: KeepAlive = KeepAlive(), prompt: SecretPrompt? = nil, keeping: Duration = .zero
    ) {
        sockets = loops
        self.keepAlive = keepAlive
        files = RunFiles(prompt: prompt, agentSocket: agentSocket)
        let lines = JumpLines(files: files) { loops.next() }
        self.lines = lines
        kept = KeptSessions(for: keeping) { kept in
            await kept.session.close()
            if let seat = kept.seat { await lines.leave(seat) }
        }
    }

    package func withConnection<Result: Sendable>(
        to settings: ConnectionSettings, timeout: Duration,
        _ body: (any Connection) async throws(TransportError) -> Result
    ) async throws(TransportError) -> Result {
        await files.unlock(for: settings)
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        if let known = await kept.take(settings, within: timeout) {
            return try await withTaskExecutorPreference(known.session.executor.callers) {
                () async throws(TransportError) in
                try await lend(known.session, known.seat, settings, body) { known.connection }
            }
        }
        guard settings.jumps.isEmpty else { return try await withJumps(to: settings, deadline, timeout, body) }
        let loop = sockets.next()
        let session = try SSHSession(host: settings.host, loop: loop, keepAlive: keepAlive)
        return try await withTaskExecutorPreference(session.executor.callers) { () async throws(TransportError) in
            try await lend(session, nil, settings, body) { () async throws(TransportError) in
                try await session.establish(settings, through: nil, files: files, deadline: deadline, timeout: timeout)
            }
        }
    }

    /// Closes the idle connections to a host.
    package func forget(_ host: HostName) async { await kept.closeAll { $0.host == host } }

    /// The event loop of the next connection.
    func nextLoop() -> SocketLoop { sockets.next() }

    private func withJumps<Result: Sendable>(
        to settings: ConnectionSettings, _ deadline: NIODeadline, _ timeout: Duration,
        _ body: (any Connection) async throws(TransportError) -> Result
    ) async throws(TransportError) -> Result {
        while true {
            let seat = try await lines.join(settings, deadline: deadline, timeout: timeout)
            let session: SSHSession
            do throws(TransportError) {
                session = try SSHSession(host: settings.host, loop: seat.line.loop, keepAlive: keepAlive)
            } catch {
                await lines.leave(seat)
                throw error
            }
            do throws(TransportError) {
                return try await withTaskExecutorPreference(session.executor.callers) {
                    () async throws(TransportError) in
                    try await lend(session, seat, settings, body) { () async throws(TransportError) in
                        try await session.establish(settings, files: files, deadline: deadline, timeout: timeout) {
                            () async throws(TransportError) in
                            try await lines.openChannel(on: seat, to: settings, for: session)
                        }
                    }
                }
            } catch {
                // The line was shared and is dead; the host was not reached, so a new line may do.
                guard seat.isWorthAnother else { throw error }
            }
        }
    }

    private func lend<Result: Sendable>(
        _ session: SSHSession, _ seat: JumpLines.Seat?, _ settings: ConnectionSettings,
        _ body: (any Connection) async throws(TransportError) -> Result,
        establish: () async throws(TransportError) -> SSHConnection
    ) async throws(TransportError) -> Result {
        do throws(TransportError) {
            let connection = try await establish()
            let result = try await body(connection)
            await kept.keep(.init(connection: connection, seat: seat), for: settings)
            return result
        } catch {
            await session.close()
            if let seat { await lines.leave(seat) }
            throw error
        }
    }

    /// Ends what outlives single connections.
    package func shutdown() async { await kept.closeAll { _ in true } }
}
