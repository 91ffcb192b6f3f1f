package import EbbModel
package import EbbTransport
import Subprocess

/// This machine as a host: commands run here, in a process group of their own, without any network.
///
/// For tests of what is asked and how answers are read; real connections have tests of their own.
package struct LocalShell: Transport {
    /// What becomes of a command's standard output before the controller sees it.
    private let passing: @Sendable ([UInt8]) -> [UInt8]
    /// The error that a host of this name gives instead of a connection.
    private let failing: [HostName: TransportError]

    package init(failing: [HostName: TransportError] = [:], passing: @escaping @Sendable ([UInt8]) -> [UInt8] = { $0 })
    {
        self.failing = failing
        self.passing = passing
    }

    package func withConnection<Result: Sendable>(
        to settings: ConnectionSettings, timeout: Duration,
        _ body: (any Connection) async throws(TransportError) -> Result
    ) async throws(TransportError) -> Result {
        if let error = failing[settings.host] { throw error }
        return try await body(LocalConnection(host: settings.host, passing: passing))
    }
}

/// Runs commands here.
private struct LocalConnection: Connection {
    let host: HostName
    let passing: @Sendable ([UInt8]) -> [UInt8]
    let hostKey = HostKey(algorithm: "ssh-ed25519", blob: [])
    var algorithms: ChosenAlgorithms? { nil }

    func stream(_ request: CommandRequest, receive: @escaping @Sendable (OutputChunk) -> Void)
        async throws(TransportError) -> CommandEnd
    {
        do {
            let ended = try await Subprocess.run(
                .name(request.command.program), arguments: Arguments(request.command.arguments),
                input: .array(request.input), output: .bytes(limit: 1 << 24), error: .bytes(limit: 1 << 20))
            receive(.standardOutput(passing(ended.standardOutput)))
            receive(.standardError(ended.standardError))
            switch ended.terminationStatus {
            case .exited(let status): return .exited(status)
            case .signaled(let signal): return .signalled("\(signal)")
            }
        } catch {
            throw TransportError(.controllerFailed, phase: .command, host: host, "It was not run.", cause: error)
        }
    }
}
