import EbbModel

/// Lets a command run only on the machine that was recorded for a host.
///
/// The check travels with the command, so that it costs no round trip: a shell on the host compares
/// its machine id and becomes the command, or prints the id that it found and ends.
struct MachineGuard: Sendable {
    /// The machine id that was recorded.
    private let expected: String
    /// Behind it stands the answer of another machine; nobody else can know it.
    private let word: String
    /// The last of standard error, where the answer is.
    private var tail: [UInt8] = []
    private static let longestAnswer = 256
    /// As the script says it.
    private static let refusal: Int32 = 113

    init(expected: String) {
        self.expected = expected
        word = RemoteCommand.unguessableWord()
    }

    /// The command behind its guard.
    func guarding(_ command: RemoteCommand) -> RemoteCommand {
        // In one line, without its comment: not every login shell passes on more.
        let script = String(decoding: PackageResources.machine_guard_sh, as: UTF8.self).split(separator: "\n")
            .dropFirst().joined(separator: " ")
        // What only a shell knows cannot replace it.
        let way = command.isShellBuiltin ? "call" : "replace"
        return RemoteCommand(
            "sh", arguments: ["-c", script, "sh", expected, word, way, command.program] + command.arguments)
    }

    /// Takes note of a piece of standard error.
    mutating func note(_ bytes: [UInt8]) { tail = (tail + bytes).suffix(Self.longestAnswer) }

    /// The error of a host whose guard refused the command; nil where the command ran.
    func refusal(_ end: CommandEnd, host: HostName) -> TransportError? {
        guard end == .exited(Self.refusal) else { return nil }
        let text = String(decoding: tail, as: UTF8.self)
        let parts = text.split(separator: word, maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let shown = PrintableText.line(parts[1].prefix { !$0.isNewline }.drop { $0 == " " }.utf8)
        return TransportError(
            .differentMachine, phase: .command, host: host,
            """
            Another machine answers here: it shows the machine id \
            \(shown.isEmpty ? "(none)" : shown), recorded is \(expected). Nothing was run. Check \
            the address in the inventory; if the host was reinstalled, or lost its machine id at \
            a boot, look at its console, declare /etc/machine-id as persistent, then record the \
            new one with 'ebb doctor --trust'.
            """)
    }
}
