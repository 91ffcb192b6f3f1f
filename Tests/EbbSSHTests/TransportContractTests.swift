import EbbModel
import EbbSSH
import EbbTestSupport
import EbbTransport
import Testing

extension RealServerTests {
    /// What every adapter promises of a command that runs.
    @Suite struct TransportContractTests {
        @Test(arguments: Subject.allCases) func `a command answers with both streams and its exit status`(
            _ subject: Subject
        ) async throws {
            try await SSHServer.with { server in
                let output = try await subject.run(script("echo out; echo err >&2; exit 7"), server.settings())
                #expect(output.end == .exited(7))
                #expect(output.standardOutput == Array("out\n".utf8))
                #expect(output.standardError == Array("err\n".utf8))
                #expect(output.droppedBytes == 0)
            }
        }

        @Test(arguments: Subject.allCases) func `six megabytes on standard error alone do not hang`(_ subject: Subject)
            async throws
        {
            try await SSHServer.with { server in
                let output = try await subject.run(script("head -c 6000000 /dev/zero >&2"), server.settings())
                #expect(output.end == .exited(0))
                #expect(output.standardOutput.isEmpty)
                #expect(output.standardError.count == 6_000_000)
            }
        }

        @Test(arguments: Subject.allCases) func `large input comes back as it went`(_ subject: Subject) async throws {
            try await SSHServer.with { server in
                var random = SeededRandom(seed: 3)
                let input = (0..<700_000).map { _ in UInt8.random(in: 0...255, using: &random) }
                let request = CommandRequest(RemoteCommand("cat"), input: input, timeout: .seconds(30))
                let output = try await subject.run(request, server.settings())
                #expect(output.end == .exited(0))
                #expect(output.standardOutput == input)
            }
        }

        @Test(arguments: Subject.allCases) func `a script of 200 kB runs whole`(_ subject: Subject) async throws {
            try await SSHServer.with { server in
                let text = String(repeating: "# twenty bytes here\n", count: 10_000) + "exit 9\n"
                let output = try await subject.run(script(text), server.settings())
                #expect(output.end == .exited(9))
            }
        }

        @Test(arguments: Subject.allCases) func `a command line of 200 kB runs as it is, with its input`(
            _ subject: Subject
        ) async throws {
            try await SSHServer.with { server in
                let words = (0..<20_000).map { "word\($0)" }
                let long = "cat; kill -TERM $$ #" + String(repeating: "x", count: 200_000)
                let cases: [(RemoteCommand, CommandEnd, Int)] = [
                    (RemoteCommand("printf", arguments: ["%s\n"] + words), .exited(0), 188_890),
                    (RemoteCommand("sh", "-c", long), .signalled("TERM"), 100_000),
                    (RemoteCommand("wc", arguments: ["-c", "/dev/null"] + words), .exited(1), 12),
                ]
                for (command, end, count) in cases {
                    let output = try await subject.run(
                        CommandRequest(command, input: Array(repeating: 65, count: 100_000), timeout: .seconds(60)),
                        server.settings())
                    #expect(output.end == end, "\(command.program)")
                    #expect(output.standardOutput.count >= count, "\(command.program)")
                }
            }
        }

        @Test(arguments: Subject.allCases) func `a command that never reads its input still ends`(_ subject: Subject)
            async throws
        {
            try await SSHServer.with { server in
                let request = CommandRequest(
                    RemoteCommand("true"), input: Array(repeating: 65, count: 3_000_000), timeout: .seconds(30))
                let output = try await subject.run(request, server.settings())
                #expect(output.end == .exited(0))
            }
        }

        @Test(arguments: Subject.allCases) func `a status that follows the end of the output is waited for`(
            _ subject: Subject
        ) async throws {
            try await SSHServer.with { server in
                let output = try await subject.run(script("exec >&- 2>&-; sleep 0.3; exit 5"), server.settings())
                #expect(output.end == .exited(5))
            }
        }

        @Test(arguments: Subject.allCases) func `output beyond the limit is counted and dropped`(_ subject: Subject)
            async throws
        {
            try await SSHServer.with { server in
                let output = try await subject.run(
                    script("head -c 1000000 /dev/zero; echo end >&2"), server.settings(), limit: 1000)
                #expect(output.end == .exited(0))
                #expect(output.standardOutput.count == 1000)
                #expect(output.standardError == Array("end\n".utf8))
                #expect(output.droppedBytes == 999_000)
            }
        }

        @Test(arguments: Subject.allCases) func `several commands share a connection`(_ subject: Subject) async throws {
            try await SSHServer.with { server in
                let settings = try server.settings()
                let statuses = try await subject.makeTransport().withConnection(to: settings, timeout: .seconds(20)) {
                    connection throws(TransportError) in
                    var ends: [CommandEnd] = []
                    for status in 0..<5 { ends.append(try await connection.run(script("exit \(status)")).end) }
                    return ends
                }
                #expect(statuses == (0..<5).map { .exited($0) })
            }
        }

        @Test(arguments: Subject.allCases) func `commands that begin together on one connection do not mix`(
            _ subject: Subject
        ) async throws {
            try await SSHServer.with { server in
                let answers = try await subject.makeTransport().withConnection(
                    to: server.settings(), timeout: .seconds(20)
                ) { connection throws(TransportError) in
                    await withTaskGroup(of: Bool.self) { group in
                        for number in 0..<8 {
                            group.addTask {
                                // Large in both directions, so that they would meet on their way.
                                let input = Array(repeating: UInt8(number), count: 400_000)
                                let request = CommandRequest(
                                    RemoteCommand("sh", "-c", "cat; exit \(number)"), input: input,
                                    timeout: .seconds(60))
                                let output = try? await connection.run(request)
                                return output?.end == .exited(Int32(number)) && output?.standardOutput == input
                            }
                        }
                        return await group.reduce(into: [Bool]()) { $0.append($1) }
                    }
                }
                #expect(answers == Array(repeating: true, count: 8))
            }
        }

        @Test(arguments: Subject.allCases) func `many connections run at once and keep their answers apart`(
            _ subject: Subject
        ) async throws {
            try await SSHServer.with { server in
                let settings = try server.settings()
                let transport = subject.makeTransport()
                let answers = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for number in 0..<16 {
                        group.addTask {
                            let output = try await transport.withConnection(to: settings, timeout: .seconds(60)) {
                                connection throws(TransportError) in
                                try await connection.run(script("echo \(number); exit \(number)"))
                            }
                            return output.end == .exited(Int32(number))
                                && output.standardOutput == Array("\(number)\n".utf8)
                        }
                    }
                    return try await group.reduce(into: [Bool]()) { $0.append($1) }
                }
                #expect(answers == Array(repeating: true, count: 16))
            }
        }
    }
}
