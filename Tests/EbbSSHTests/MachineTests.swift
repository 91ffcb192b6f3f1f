import EbbModel
import EbbSSH
import EbbTestSupport
import EbbTransport
import FoundationEssentials
import Testing

extension RealServerTests {
    /// The machine behind an address is the one that was recorded, or nothing runs.
    @Suite struct MachineTests {
        private static let stranger = "00000000000000000000000000000bad"

        private func run(
            _ transport: some Transport, recorded: String?, _ request: CommandRequest, _ settings: ConnectionSettings
        ) async throws(TransportError) -> CommandOutput {
            let verified = VerifiedTransport(transport) { _ in recorded }
            return try await verified.withConnection(to: settings, timeout: .seconds(20)) {
                connection throws(TransportError) in try await connection.run(request)
            }
        }

        @Test(arguments: Subject.allCases) func `a different machine at a known address runs nothing`(
            _ subject: Subject
        ) async throws {
            try await SSHServer.with { server in
                let settings = try server.settings()
                let mark = server.directory + "/mark"
                let commands = [
                    CommandRequest(RemoteCommand("touch", mark), timeout: .seconds(20)), script("touch \(mark)"),
                    CommandRequest(RemoteCommand("eval", "touch \(mark)"), timeout: .seconds(20)),
                ]
                for command in commands {
                    let error = await #expect(throws: TransportError.self) {
                        try await run(subject.makeTransport(), recorded: Self.stranger, command, settings)
                    }
                    #expect(error?.code == .differentMachine)
                    #expect(error?.code.isBeforeCommand == true)
                    #expect(error?.message.contains(Self.stranger) == true)
                    #expect(error?.message.contains("ebb doctor --trust") == true)
                    #expect(!FileManager.default.fileExists(atPath: mark))
                }
            }
        }

        @Test(arguments: Subject.allCases) func `the recorded machine runs a command as if nobody had asked`(
            _ subject: Subject
        ) async throws {
            let data = FileManager.default.contents(atPath: "/etc/machine-id") ?? Data()
            let own = String(decoding: data, as: UTF8.self).split(separator: "\n").first
            try await SSHServer.with { server in
                let settings = try server.settings()
                // A machine without an id is recorded as nothing, and nothing is asked of it.
                let recorded = own.map(String.init)
                let cases: [(CommandRequest, CommandEnd, String)] = [
                    (script("cat; exit 5"), .exited(5), ""),
                    (script("echo out; kill -TERM $$"), .signalled("TERM"), "out\n"),
                    (
                        CommandRequest(RemoteCommand("cat"), input: Array("in".utf8), timeout: .seconds(20)),
                        .exited(0), "in"
                    ),
                    (
                        CommandRequest(RemoteCommand("printf", "%s|", "a b", "", "$x'"), timeout: .seconds(20)),
                        .exited(0), "a b||$x'|"
                    ), (CommandRequest(RemoteCommand("sh", "-c", "exit 113"), timeout: .seconds(20)), .exited(113), ""),
                    (CommandRequest(RemoteCommand("command", "-v", "sh"), timeout: .seconds(20)), .exited(0), ""),
                ]
                for (request, end, text) in cases {
                    let output = try await run(subject.makeTransport(), recorded: recorded, request, settings)
                    #expect(output.end == end, "\(request.command)")
                    let printed = String(decoding: output.standardOutput, as: UTF8.self)
                    #expect(printed.hasPrefix(text), "\(request.command): \(printed)")
                }
            }
        }

        @Test func `a record that cannot be read refuses the host`() async throws {
            try await SSHServer.with { server in
                let transport = VerifiedTransport(SSHTransport()) { host throws(TransportError) in
                    throw TransportError(.controllerFailed, phase: .resolve, host: host, "no database")
                }
                let settings = try server.settings()
                let error = await #expect(throws: TransportError.self) {
                    try await transport.withConnection(to: settings, timeout: .seconds(20)) { _ in }
                }
                #expect(error?.code == .controllerFailed)
            }
        }
    }
}
