/// What a command on a host did, when it is proven that it ended.
///
/// - Important: Only a transport makes these, after end of file, the peer's close and an explicit
///   exit status or signal. Anything less is a `TransportError`, because a status of 0 that nobody
///   sent is what a killed connection looks like.
package struct CommandOutput: Hashable, Sendable {
    /// How the command ended.
    package let end: CommandEnd
    /// Standard output up to the request's limit.
    package let standardOutput: [UInt8]
    /// Standard error up to the request's limit.
    package let standardError: [UInt8]
    /// Bytes of both streams that were read and dropped because the limit was reached.
    package let droppedBytes: Int

    package init(end: CommandEnd, standardOutput: [UInt8], standardError: [UInt8], droppedBytes: Int = 0) {
        (self.end, self.standardOutput, self.standardError) = (end, standardOutput, standardError)
        self.droppedBytes = droppedBytes
    }
}

/// How a command ended, in the words of the SSH protocol.
package enum CommandEnd: Hashable, Sendable, Codable {
    /// It exited by itself with this status.
    case exited(Int32)
    /// It was killed by the signal of this name, without `SIG` (`TERM`, `KILL`, …).
    case signalled(String)

    /// Whether the command exited with status 0.
    package var isSuccess: Bool { self == .exited(0) }
}
