package import EbbModel
package import EbbTransport
import NIOConcurrencyHelpers
import NIOCore

/// Reaches each host through the adapter that its settings name.
///
/// `auto` is libssh2, and the `ssh` program, where it is installed, for what libssh2 cannot do: a
/// host with whom it shares no algorithm, a host that only an authority vouches for, a user key of
/// a type that it cannot use, a certificate. A notice says so once, with the reason. Nothing else falls
/// back: a refused host key or a refused login is an answer.
package struct AutoTransport: Transport {
    private let libssh2: SSHTransport
    private let openssh: OpenSSHTransport
    /// The hosts that this run reaches through `ssh`.
    private let fallbacks = NIOLockedValueBox<Set<HostName>>([])
    private let notice: @Sendable (String) -> Void

    /// Uses the two adapters; `notice` gets one message for each host that falls back, and one for each file of
    /// pinned host keys with lines that cannot be read.
    package init(
        libssh2: SSHTransport = SSHTransport(), openssh: OpenSSHTransport = OpenSSHTransport(),
        notice: @escaping @Sendable (String) -> Void = { _ in }
    ) { (self.libssh2, self.openssh, self.notice) = (libssh2, openssh, notice) }

    package func withConnection<Result: Sendable>(
        to settings: ConnectionSettings, timeout: Duration,
        _ body: (any Connection) async throws(TransportError) -> Result
    ) async throws(TransportError) -> Result {
        let settings = await libssh2.files.resolved(settings)
        for complaint in libssh2.files.complaints(for: settings) { notice(complaint) }
        switch settings.adapter {
        case .openssh: return try await openssh.withConnection(to: settings, timeout: timeout, body)
        case .libssh2: return try await libssh2.withConnection(to: settings, timeout: timeout, body)
        case .auto: break
        }
        guard !fallbacks.withLockedValue({ $0.contains(settings.host) }) else {
            return try await openssh.withConnection(to: settings, timeout: timeout, body)
        }
        do throws(TransportError) {
            return try await libssh2.withConnection(to: settings, timeout: timeout, body)
        } catch {
            guard Self.isBeyondLibSSH2(error), OpenSSHTransport.isInstalled else { throw error }
            if fallbacks.withLockedValue({ $0.insert(settings.host).inserted }) {
                notice("\(error); using ssh instead")
            }
        }
        return try await openssh.withConnection(to: settings, timeout: timeout, body)
    }

    /// Closes the idle connections to a host.
    package func forget(_ host: HostName) async { await libssh2.forget(host) }

    /// Ends what outlives single connections.
    package func shutdown() async { await libssh2.shutdown() }

    /// Whether libssh2 lacks something, where the host may be all right.
    private static func isBeyondLibSSH2(_ error: TransportError) -> Bool {
        switch error.code {
        case .keyExchangeFailed, .hostKeyUnsupported: true
        case .identityUnusable, .authenticationFailed:
            if case .unsupported? = error.cause as? PrivateKey.Problem { true } else { false }
        default: false
        }
    }
}
