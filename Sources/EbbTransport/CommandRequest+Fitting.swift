import EbbModel

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
