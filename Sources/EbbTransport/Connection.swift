package import EbbModel

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
