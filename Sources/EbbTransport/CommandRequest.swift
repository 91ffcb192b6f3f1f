package import EbbModel
import Synchronization

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

extension CommandRequest {
    /// The longest command line that every way to a host takes.
    package static let longestLine = 32_000

    /// The same command in a short line: one that is too long goes ahead of the input.
    ///
    /// A shell on the host reads exactly that much and becomes the command, which reads the rest.
    package func fitting() -> CommandRequest {
        let line = command.shellLine
        guard line.utf8.count > Self.longestLine else { return self }
        let text: String
        if command.program == "sh", command.arguments.count == 2, command.arguments[0] == "-c" {
            // A kernel takes no single argument of that length, the shell itself does.
            text = command.arguments[1]
        } else {
            text = (command.isShellBuiltin ? "" : "exec ") + line
        }
        var request = self
        request.command = RemoteCommand("sh", "-c", "eval \"$(head -c \(text.utf8.count))\"")
        request.preamble = Array(text.utf8) + preamble
        return request
    }
}

extension RemoteCommand {
    /// A word that nobody on a host can guess, for marks in a command's output.
    package static func unguessableWord() -> String {
        (0..<2).map { _ in String(UInt64.random(in: (1 << 60)...UInt64.max), radix: 16) }.joined()
    }

    /// What a shell does to become the command that its arguments hold.
    var shellExecution: String {
        // What only a shell knows cannot replace it.
        isShellBuiltin ? #""$@""# : #"exec "$@""#
    }

    /// Whether a shell runs it itself: no program of that name replaces the shell as it would.
    var isShellBuiltin: Bool { Self.builtins.contains(program) }

    private static let builtins: Set<String> = [
        ".", ":", "alias", "bg", "cd", "command", "echo", "eval", "exec", "exit", "export", "fg", "getopts", "hash",
        "jobs", "local", "printf", "pwd", "read", "readonly", "set", "shift", "test", "time", "times", "trap", "type",
        "ulimit", "umask", "unalias", "unset", "wait",
    ]
}

extension Connection {
    /// Runs a command and collects its output, up to `limit` bytes of each stream.
    ///
    /// What exceeds the limit is read, counted in `droppedBytes`, and forgotten. `watch` sees all of it
    /// as it arrives, and must not block.
    package func run(
        _ request: CommandRequest, limit: Int = 16 << 20, watch: @escaping @Sendable (OutputChunk) -> Void = { _ in }
    ) async throws(TransportError) -> CommandOutput {
        let captured = Mutex(Captured())
        let end = try await stream(request) { chunk in
            captured.withLock { $0.take(chunk, limit: limit) }
            watch(chunk)
        }
        return captured.withLock { captured in
            CommandOutput(
                end: end, standardOutput: captured.output, standardError: captured.error, droppedBytes: captured.dropped
            )
        }
    }
}

/// Bounded buffers that a connection's thread fills.
private struct Captured {
    var output: [UInt8] = []
    var error: [UInt8] = []
    var dropped = 0

    mutating func take(_ chunk: OutputChunk, limit: Int) {
        switch chunk {
        case .standardOutput(let bytes): dropped += Self.add(bytes, to: &output, limit)
        case .standardError(let bytes): dropped += Self.add(bytes, to: &error, limit)
        }
    }

    /// Returns how many bytes had no room.
    private static func add(_ bytes: [UInt8], to buffer: inout [UInt8], _ limit: Int) -> Int {
        let room = max(0, limit - buffer.count)
        buffer += bytes.prefix(room)
        return max(0, bytes.count - room)
    }
}
