package import EbbModel
import Synchronization

/// Connects with completed settings, and runs nothing on another machine than the one that was recorded.
///
/// What the inventory leaves open may be decided elsewhere, as in OpenSSH's own files: a connection that
/// goes past them would go to another address, or as another user. A pinned host key says that the
/// address is right; it does not say that the inventory still means that machine by it. What was never
/// recorded is not refused.
package struct VerifiedTransport<Base: Transport>: Transport {
    private let base: Base
    private let completed: @Sendable (ConnectionSettings) async throws(TransportError) -> ConnectionSettings
    private let machineID: @Sendable (HostName) async throws(TransportError) -> String?

    /// Asks `completed` for the settings and `machineID` for what was recorded, once for each connection.
    package init(
        _ base: Base,
        completed: @escaping @Sendable (ConnectionSettings) async throws(TransportError) -> ConnectionSettings = { $0 },
        machineID: @escaping @Sendable (HostName) async throws(TransportError) -> String?
    ) { (self.base, self.completed, self.machineID) = (base, completed, machineID) }

    package func withConnection<Result: Sendable>(
        to settings: ConnectionSettings, timeout: Duration,
        _ body: (any Connection) async throws(TransportError) -> Result
    ) async throws(TransportError) -> Result {
        let settings = try await completed(settings)
        let expected = try await machineID(settings.host)
        return try await base.withConnection(to: settings, timeout: timeout) { connection throws(TransportError) in
            try await body(expected.map { VerifiedConnection(base: connection, machineID: $0) } ?? connection)
        }
    }

    /// Closes the idle connections to a host.
    package func forget(_ host: HostName) async { await base.forget(host) }
}

/// A connection whose every command is behind a guard.
private struct VerifiedConnection: Connection {
    let base: any Connection
    let machineID: String

    var host: HostName { base.host }
    var hostKey: HostKey { base.hostKey }
    var algorithms: ChosenAlgorithms? { base.algorithms }

    func stream(_ request: CommandRequest, receive: @escaping @Sendable (OutputChunk) -> Void)
        async throws(TransportError) -> CommandEnd
    {
        let guarding = MachineGuard(expected: machineID)
        let watching = Mutex(guarding)
        var guarded = request.fitting()
        guarded.command = guarding.guarding(guarded.command)
        let end = try await base.stream(guarded) { chunk in
            if case .standardError(let bytes) = chunk { watching.withLock { $0.note(bytes) } }
            receive(chunk)
        }
        if let error = watching.withLock({ $0.refusal(end, host: host) }) { throw error }
        return end
    }
}

/// Lets a command run only on the machine that was recorded for a host.
///
/// The check travels with the command, so that it costs no round trip: a shell on the host compares
/// its machine id and becomes the command, or prints the id that it found and ends.
private struct MachineGuard {
    /// The machine id that was recorded.
    private let expected: String
    /// Behind it stands the answer of another machine; nobody else can know it.
    private let word: String
    /// The last of standard error, where the answer is.
    private var tail: [UInt8] = []
    private static let longestAnswer = 256
    /// As the script says it.
    private static let refusal: Int32 = 113

    init(expected: String) { (self.expected, word) = (expected, RemoteCommand.unguessableWord()) }

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
