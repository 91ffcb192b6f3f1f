package import EbbModel

/// Connects with settings that are completed first, whoever chose the host.
///
/// What the inventory leaves open may be decided elsewhere, as in OpenSSH's own files: a connection
/// that goes past them would go to another address, or as another user.
package struct CompletedTransport<Base: Transport>: Transport {
    private let base: Base
    private let completed: @Sendable (ConnectionSettings) async throws(TransportError) -> ConnectionSettings

    package init(
        _ base: Base,
        completed: @escaping @Sendable (ConnectionSettings) async throws(TransportError) -> ConnectionSettings
    ) { (self.base, self.completed) = (base, completed) }

    package func withConnection<Result: Sendable>(
        to settings: ConnectionSettings, timeout: Duration,
        _ body: (any Connection) async throws(TransportError) -> Result
    ) async throws(TransportError) -> Result {
        try await base.withConnection(to: try await completed(settings), timeout: timeout, body)
    }

    /// Closes what is kept open to a host while nobody uses it.
    package func forget(_ host: HostName) async { await base.forget(host) }
}
