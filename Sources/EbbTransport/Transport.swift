package import EbbModel

/// Reaches hosts.
package protocol Transport: Sendable {
    /// Opens a connection, lends it to `body`, and closes it however `body` ends.
    ///
    /// Connecting, checking the host key and authenticating together take at most `timeout`.
    /// Cancelling the task ends the connection.
    func withConnection<Result: Sendable>(
        to settings: ConnectionSettings, timeout: Duration,
        _ body: (any Connection) async throws(TransportError) -> Result
    ) async throws(TransportError) -> Result
}
