package import EbbModel
package import EbbTransport
import FoundationEssentials
package import NIOCore
import NIOPosix

/// Reaches hosts through libssh2.
///
/// One value serves a run: key files and pinned host keys are read once, on first use.
package struct SSHTransport: Transport {
    private let group: any EventLoopGroup
    let files: RunFiles
    private let keepAlive: KeepAlive

    /// Few loops, each of many sessions: an event that wakes a thread costs more than its bytes.
    package static let loops: any EventLoopGroup = MultiThreadedEventLoopGroup(
        numberOfThreads: max(1, min(4, System.coreCount / 2)))

    /// Uses the agent behind `agentSocket`, by default the one that the environment names.
    ///
    /// `passphrase` is asked at most once in a run for each encrypted key file that no agent holds.
    package init(
        eventLoopGroup: any EventLoopGroup = Self.loops,
        agentSocket: String? = ProcessInfo.processInfo.environment["SSH_AUTH_SOCK"],
        keepAlive: KeepAlive = KeepAlive(), passphrase: PassphrasePrompt? = nil
    ) {
        group = eventLoopGroup
        self.keepAlive = keepAlive
        files = RunFiles(passphrase: passphrase, agentSocket: agentSocket)
    }

    package func withConnection<Result: Sendable>(
        to settings: ConnectionSettings, timeout: Duration,
        _ body: (any Connection) async throws(TransportError) -> Result
    ) async throws(TransportError) -> Result {
        await files.unlock(for: settings)
        let loop = group.next()
        let path = try SSHPath(to: settings, loop: loop, keepAlive: keepAlive)
        guard settings.jumps.isEmpty else {
            return try await lend(path, to: settings, timeout: timeout, body)
        }
        return try await withTaskExecutorPreference(LoopExecutor(loop)) {
            () async throws(TransportError) in
            try await lend(path, to: settings, timeout: timeout, body)
        }
    }

    /// The event loop of the next connection.
    func nextLoop() -> any EventLoop { group.next() }

    private func lend<Result: Sendable>(
        _ path: SSHPath, to settings: ConnectionSettings, timeout: Duration,
        _ body: (any Connection) async throws(TransportError) -> Result
    ) async throws(TransportError) -> Result {
        let outcome: Swift.Result<Result, TransportError>
        do throws(TransportError) {
            let hostKey = try await path.establish(files: files, timeout: timeout)
            let connection = SSHConnection(
                host: settings.host, hostKey: hostKey, session: path.session,
                algorithms: await path.session.algorithms)
            outcome = .success(try await body(connection))
        } catch {
            outcome = .failure(error)
        }
        await path.close()
        return try outcome.get()
    }

    /// Ends what outlives single connections.
    package func shutdown() async {}
}
