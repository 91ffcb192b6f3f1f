package import EbbModel

/// Reaches hosts.
package protocol Transport: Sendable {
    /// Opens a connection, lends it to `body`, and closes it however `body` ends.
    ///
    /// Connecting, checking the host key and authenticating together take at most `timeout`.
    /// Cancelling the task ends the connection. A connection that was lent before, that nobody uses and
    /// whose host answers may be lent again.
    func withConnection<Result: Sendable>(
        to settings: ConnectionSettings, timeout: Duration,
        _ body: (any Connection) async throws(TransportError) -> Result
    ) async throws(TransportError) -> Result

    /// Closes the idle connections to a host: the next one is a new one.
    func forget(_ host: HostName) async
}

extension Transport {
    /// A transport that keeps nothing open.
    package func forget(_ host: HostName) async {}
}
