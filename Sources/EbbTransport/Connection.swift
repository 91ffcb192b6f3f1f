import Crypto
package import EbbModel
import FoundationEssentials

/// An authenticated connection to one host, lent by a `Transport`.
package protocol Connection: Sendable {
    /// The host at the other end.
    var host: HostName { get }

    /// The host key that the peer proved to own, and that the policy accepted.
    var hostKey: HostKey { get }

    /// What was agreed on; nil where the connection does not know.
    var algorithms: ChosenAlgorithms? { get }

    /// Runs a command and hands its output to `receive` in order, as it arrives.
    ///
    /// `receive` is called on the connection's own thread and must not block; the peer is slowed
    /// down while it runs. Both streams are read to their end, whatever the limits are.
    /// The end is only returned when the peer proved it: end of file, close, and an explicit exit
    /// status or signal. After a thrown error the connection is closed.
    func stream(_ request: CommandRequest, receive: @escaping @Sendable (OutputChunk) -> Void)
        async throws(TransportError) -> CommandEnd
}

/// A piece of a command's output.
package enum OutputChunk: Sendable, Hashable {
    case standardOutput([UInt8])
    case standardError([UInt8])
}

/// What a connection and its host agreed on.
package struct ChosenAlgorithms: Hashable, Sendable {
    /// The program or library that speaks SSH, with its version.
    package var client: String
    package var keyExchange = ""
    package var hostKey = ""
    package var cipher = ""
    /// Empty where the cipher authenticates by itself.
    package var mac = ""

    package init(client: String) { self.client = client }
}

/// A host's public key, as offered in the key exchange.
package struct HostKey: Hashable, Sendable {
    /// The algorithm's SSH name, such as `ssh-ed25519`.
    package let algorithm: String
    /// The key blob of RFC 4253 §6.6.
    package let blob: [UInt8]

    package init(algorithm: String, blob: [UInt8]) { (self.algorithm, self.blob) = (algorithm, blob) }

    /// The fingerprint as OpenSSH prints it: `SHA256:` and base64 without padding.
    package var fingerprint: String {
        let digest = Data(SHA256.hash(data: blob)).base64EncodedString()
        return "SHA256:" + digest.prefix { $0 != "=" }
    }
}

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
