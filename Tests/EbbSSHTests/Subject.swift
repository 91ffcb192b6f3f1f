import EbbModel
import EbbTestSupport
import EbbTransport
import Testing

@testable import EbbSSH

/// An adapter under the contract.
enum Subject: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case libssh2, openssh

    var testDescription: String { rawValue }

    func makeTransport() -> any Transport {
        switch self {
        case .libssh2: SSHTransport()
        case .openssh: OpenSSHTransport()
        }
    }

    /// Where a command may be said to be when its output has ended and its process has not.
    var phasesWhileEnding: Set<TransportError.Phase> {
        switch self {
        case .libssh2: [.close]
        case .openssh: [.command, .close]
        }
    }

    /// Runs one command on a server, with a transport that it has not used before.
    func run(
        _ request: CommandRequest, _ settings: ConnectionSettings, timeout: Duration = .seconds(20),
        limit: Int = 16 << 20
    ) async throws(TransportError) -> CommandOutput {
        try await makeTransport().withConnection(to: settings, timeout: timeout) { connection throws(TransportError) in
            try await connection.run(request, limit: limit)
        }
    }

    /// The error with which a command fails.
    func failure(_ request: CommandRequest, _ settings: ConnectionSettings, timeout: Duration = .seconds(20)) async
        -> TransportError?
    {
        do {
            _ = try await run(request, settings, timeout: timeout)
            return nil
        } catch { return error }
    }
}

/// A script for the host's shell.
func script(_ text: String, timeout: Duration = .seconds(30)) -> CommandRequest {
    .script(Array(text.utf8), timeout: timeout)
}
