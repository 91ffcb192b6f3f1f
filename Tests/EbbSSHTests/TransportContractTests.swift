import EbbModel
import EbbSSH
import EbbTestSupport
import EbbTransport
import Testing

@Suite(.timeLimit(.minutes(2)))
struct TransportContractTests {
    let transport = SSHTransport()

    func run(
        _ request: CommandRequest, on server: SSHServer, limit: Int = 16 << 20
    ) async throws -> CommandOutput {
        try await transport.withConnection(to: server.settings(), timeout: .seconds(20)) {
            connection throws(TransportError) in try await connection.run(request, limit: limit)
        }
    }

    func script(_ text: String, timeout: Duration = .seconds(30)) -> CommandRequest {
        .script(Array(text.utf8), timeout: timeout)
    }

    @Test func `a command answers with both streams and its exit status`() async throws {
        try await SSHServer.with { server in
            let output = try await run(script("echo out; echo err >&2; exit 7"), on: server)
            #expect(output.end == .exited(7))
            #expect(output.standardOutput == Array("out\n".utf8))
            #expect(output.standardError == Array("err\n".utf8))
            #expect(output.droppedBytes == 0)
        }
    }
}
