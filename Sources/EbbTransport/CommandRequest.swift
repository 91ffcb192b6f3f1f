package import EbbModel

/// A command to run, with what it reads and how long it may take.
package struct CommandRequest: Sendable, Hashable {
    package var command: RemoteCommand
    /// Sent to standard input, followed by end of file.
    package var input: [UInt8]
    /// Sent to standard input ahead of everything else, a password included.
    package internal(set) var preamble: [UInt8] = []
    /// A password that is asked for before the command starts.
    package internal(set) var question: PasswordQuestion?
    /// From sending the command to its proven end.
    package var timeout: Duration

    package init(_ command: RemoteCommand, input: [UInt8] = [], timeout: Duration) {
        (self.command, self.input, self.timeout) = (command, input, timeout)
    }

    /// All that is sent to standard input where no password is asked for.
    package var allInput: [UInt8] { preamble.isEmpty ? input : preamble + input }

    /// A script for `sh -s`: it travels on standard input, never in the command line.
    package static func script(_ text: [UInt8], timeout: Duration) -> CommandRequest {
        CommandRequest(.shellReadingInput, input: text, timeout: timeout)
    }
}
