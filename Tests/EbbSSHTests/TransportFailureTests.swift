import EbbModel
import EbbSSH
import EbbTestSupport
import EbbTransport
import FoundationEssentials
import Testing

extension RealServerTests {
    /// What every adapter promises when something goes wrong.
    @Suite struct TransportFailureTests {
        @Test(arguments: Subject.allCases) func `a command killed by a signal names the signal`(_ subject: Subject)
            async throws
        {
            try await SSHServer.with { server in
                for signal in ["TERM", "KILL"] {
                    let output = try await subject.run(script("kill -\(signal) $$"), server.settings())
                    #expect(output.end == .signalled(signal))
                }
            }
        }

        @Test(arguments: Subject.allCases) func `a server that dies in mid-command is never status 0`(
            _ subject: Subject
        ) async throws {
            try await SSHServer.with { server in
                let settings = try server.settings()
                let error = await #expect(throws: TransportError.self) {
                    try await subject.makeTransport().withConnection(to: settings, timeout: .seconds(20)) {
                        connection throws(TransportError) in
                        try await connection.stream(script("echo started; exec sleep 60")) { _ in
                            server.killConnections()
                        }
                    }
                }
                #expect(error?.code == .connectionLost)
                #expect(error?.phase == .command)
            }
        }

        @Test(arguments: Subject.allCases) func `a host key that is not the pinned one is refused`(_ subject: Subject)
            async throws
        {
            try await SSHServer.with { server in
                let other = try await server.makeKey("other")
                var settings = try server.settings()
                let name = "[\(server.address)]:\(server.port)"
                let key = try server.publicKey("host")
                let cases: [(String, TransportError.Code)] = [
                    ("\(name) \(try server.publicKey("other"))", .hostKeyMismatch),
                    ("elsewhere \(key)", .hostKeyUnknown), ("!\(name),[127.*]:* \(key)", .hostKeyUnknown),
                    ("\(name) \(key)\n@revoked * \(key)", .hostKeyRevoked),
                    ("@cert-authority * \(key)", .hostKeyUnsupported),
                ]
                for (index, (text, code)) in cases.enumerated() {
                    let file = "\(server.directory)/known_hosts_\(index)"
                    try (text + "\n").write(toFile: file, atomically: true, encoding: .utf8)
                    settings.knownHostsFiles = [file]
                    let error = await subject.failure(script("exit 0"), settings)
                    #expect(error?.code == code, "\(text): \(String(describing: error))")
                    #expect(error?.phase == .hostKey)
                    #expect(error?.message.contains("StrictHostKeyChecking") == false)
                }
                #expect(!other.isEmpty)
            }
        }

        @Test(arguments: Subject.allCases)
        func `a key revoked under the bare name is refused before the login, on any port`(_ subject: Subject)
            async throws
        {
            let options = [
                #"AuthorizedKeysCommand /bin/sh -c "cat %D/authorized_keys; touch %D/login""#,
                "AuthorizedKeysCommandUser root", "AuthorizedKeysFile none",
            ]
            try await SSHServer.with(options: options) { server in
                let pins = try String(contentsOfFile: server.knownHosts, encoding: .utf8)
                let revoked = "@revoked \(server.address) \(try server.publicKey("host"))\n"
                try (pins + revoked).write(toFile: server.knownHosts, atomically: true, encoding: .utf8)
                let settings = try server.settings()
                let error = await subject.failure(script("exit 0"), settings)
                #expect(error?.code == .hostKeyRevoked)
                try await SSHServer.with { target in
                    var behind = try target.settings()
                    behind.jumps = [settings]
                    let error = await subject.failure(script("exit 0"), behind)
                    #expect(error?.code == .hostKeyRevoked)
                }
                #expect(!FileManager.default.fileExists(atPath: server.directory + "/login"))
            }
        }

        @Test(arguments: Subject.allCases) func `a connection that broke is no other one for the next command`(
            _ subject: Subject
        ) async throws {
            try await SSHServer.with { server in
                let settings = try server.settings()
                let error = await #expect(throws: TransportError.self) {
                    try await subject.makeTransport().withConnection(to: settings, timeout: .seconds(20)) {
                        connection throws(TransportError) in
                        _ = try await connection.run(script("exit 0"))
                        server.killConnections()
                        _ = try await connection.run(script("exit 0"))
                    }
                }
                #expect(error?.code == .connectionLost)
            }
        }

        @Test(arguments: Subject.allCases)
        func `a key of which nothing is known can be pinned, and never over another one`(_ subject: Subject)
            async throws
        {
            try await SSHServer.with { server in
                var settings = try server.settings()
                let file = "\(server.directory)/new/known_hosts"
                settings.knownHostsFiles = [file]
                let unknown = try #require(await subject.failure(script("exit 0"), settings))
                let refusal = try #require(HostKeyRefusal(behind: unknown))
                #expect(refusal.files == [file])
                try FileManager.default.createDirectory(
                    atPath: "\(server.directory)/new", withIntermediateDirectories: false)
                // The last line of a file that somebody edited may have no end.
                try "elsewhere \(server.publicKey("user"))".write(toFile: file, atomically: true, encoding: .utf8)
                try KnownHostsFile.pin(refusal)
                #expect(try await subject.run(script("exit 4"), settings).end == .exited(4))

                let pinned = try String(contentsOfFile: file, encoding: .utf8)
                let other = pinned.replacing(try server.publicKey("host"), with: try server.publicKey("user"))
                try other.write(toFile: file, atomically: true, encoding: .utf8)
                let changed = try #require(await subject.failure(script("exit 0"), settings))
                let mismatch = try #require(HostKeyRefusal(behind: changed))
                #expect(throws: KnownHostsFile.CannotPin.self) { try KnownHostsFile.pin(mismatch) }
                #expect(try String(contentsOfFile: file, encoding: .utf8) == other)
            }
        }

        @Test(arguments: Subject.allCases) func `a user key that the host does not know is refused`(_ subject: Subject)
            async throws
        {
            try await SSHServer.with { server in
                var settings = try server.settings()
                settings.identityFiles = [try await server.makeKey("stranger")]
                settings.identitiesOnly = true
                let error = await subject.failure(script("exit 0"), settings)
                #expect(error?.code == .authenticationFailed)
                #expect(error?.phase == .authenticate)
            }
        }

        @Test(arguments: Subject.allCases) func `a closed port and a silent address are told apart`(_ subject: Subject)
            async throws
        {
            try await SSHServer.with { server in
                var settings = try server.settings()
                settings.port = 1
                let refused = await subject.failure(script("exit 0"), settings)
                #expect(refused?.code == .connectRefused)
                #expect(refused?.phase == .connect)

                let hole = try BlackHole(address: server.address)
                settings.port = hole.port
                let silent = await subject.failure(script("exit 0"), settings, timeout: .milliseconds(1200))
                #expect(silent?.code == .connectTimedOut)
                #expect(silent?.phase == .connect)
            }
        }

        @Test(arguments: Subject.allCases) func `a name without an address fails in its phase`(_ subject: Subject)
            async throws
        {
            try await SSHServer.with { server in
                var settings = try server.settings()
                settings.address = "no-such-host.invalid"
                let error = await subject.failure(script("exit 0"), settings)
                #expect(error?.code == .resolveFailed)
                #expect(error?.phase == .resolve)
            }
        }

        @Test(arguments: Subject.allCases) func `a command that overruns its deadline is ended`(_ subject: Subject)
            async throws
        {
            try await SSHServer.with { server in
                let error = await subject.failure(script("sleep 60", timeout: .seconds(4)), try server.settings())
                #expect(error?.code == .commandTimedOut)
                #expect(error?.phase == .command)
            }
        }

        @Test(arguments: Subject.allCases) func `cancelling the task ends the command`(_ subject: Subject) async throws
        {
            try await SSHServer.with { server in
                let settings = try server.settings()
                let (started, signal) = AsyncStream<Void>.makeStream()
                let task = Task { () -> TransportError? in
                    do throws(TransportError) {
                        _ = try await subject.makeTransport().withConnection(to: settings, timeout: .seconds(20)) {
                            connection throws(TransportError) in
                            try await connection.stream(script("echo started; exec sleep 60")) { _ in signal.yield() }
                        }
                        return nil
                    } catch { return error }
                }
                for await _ in started { break }
                task.cancel()
                #expect(await task.value?.code == .cancelled)
            }
        }
    }
}
