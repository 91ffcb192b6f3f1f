package import EbbModel

/// A command to run, with what it reads and how long it may take.
package struct CommandRequest: Sendable, Hashable {
    package var command: RemoteCommand
    /// Sent to standard input, followed by end of file.
    package var input: [UInt8]
    /// From sending the command to its proven end.
    package var timeout: Duration

    package init(_ command: RemoteCommand, input: [UInt8] = [], timeout: Duration) {
        self.command = command
        self.input = input
        self.timeout = timeout
    }

    /// A script for `sh -s`: it travels on standard input, never in the command line.
    package static func script(_ text: [UInt8], timeout: Duration) -> CommandRequest {
        CommandRequest(.shellReadingInput, input: text, timeout: timeout)
    }
}
