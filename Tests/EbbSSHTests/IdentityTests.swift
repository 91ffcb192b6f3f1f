import EbbModel
import EbbSSH
import EbbTestSupport
import EbbTransport
import FoundationEssentials
import Subprocess
import Synchronization
import Testing

extension RealServerTests {
    @Suite struct IdentityTests {
        private func logIn(_ server: SSHServer, _ files: [String]) async throws(TransportError) -> CommandOutput {
            let settings: ConnectionSettings
            do {
                var own = try server.settings()
                own.identityFiles = files
                settings = own
            } catch { preconditionFailure("\(error)") }
            return try await Subject.libssh2.run(script("exit 0"), settings)
        }

        @Test func `every supported type of key logs in, whatever its host key`() async throws {
            try await SSHServer.with(hostKeyType: "ecdsa") { server in
                let sizes = ["ecdsa", "ed25519"]
                for type in sizes {
                    let name = "key-\(type)"
                    let path = try await server.makeKey(name, type: type)
                    try server.authorize(name)
                    #expect(try await logIn(server, [path]).end == .exited(0), "\(type)")
                }
            }
        }

        @Test func `the first key that the host accepts is used`() async throws {
            try await SSHServer.with { server in
                let stranger = try await server.makeKey("stranger")
                #expect(try await logIn(server, [stranger, server.userKey]).end == .exited(0))
            }
        }

        @Test func `an encrypted key is used through the agent that holds it`() async throws {
            try await SSHServer.with { server in
                let path = try await server.makeKey("guarded")
                try server.authorize("guarded")
                let socket = server.directory + "/agent"
                try await withAgent(socket, keys: [path]) { _ in
                    let encrypted = try await Subprocess.run(
                        .name("ssh-keygen"), arguments: ["-q", "-p", "-P", "", "-N", "a passphrase", "-f", path],
                        output: .discarded)
                    #expect(encrypted.terminationStatus.isSuccess)
                    var settings = try server.settings()
                    // The public half alone pins the key just as well.
                    for (file, isOnly) in [(path, true), (path + ".pub", true), ("/none", false)] {
                        settings.identityFiles = [file]
                        settings.identitiesOnly = isOnly
                        let output = try await SSHTransport(agentSocket: socket).withConnection(
                            to: settings, timeout: .seconds(20)
                        ) { connection throws(TransportError) in try await connection.run(script("exit 0")) }
                        #expect(output.end == .exited(0), "\(file)")
                    }
                }
                let error = await #expect(throws: TransportError.self) { try await logIn(server, [path]) }
                #expect(error?.code == .identityUnusable)
                #expect(error?.message.contains("ssh-add") == true)
            }
        }

        @Test func `a passphrase is asked once, however many hosts need it`() async throws {
            try await SSHServer.with { server in
                let path = try await server.makeKey("locked", passphrase: "tell 'no\" one")
                try server.authorize("locked")
                var settings = try server.settings()
                settings.identityFiles = [path]
                let target = settings
                let asked = Mutex(0)
                let transport = SSHTransport(agentSocket: nil) { question in
                    asked.withLock { $0 += 1 }
                    return question == .passphrase(file: path) ? Secret("tell 'no\" one") : nil
                }
                let ends = try await withThrowingTaskGroup(of: CommandEnd.self) { group in
                    for _ in 0..<5 {
                        group.addTask {
                            try await transport.withConnection(to: target, timeout: .seconds(30)) {
                                connection throws(TransportError) in try await connection.run(script("exit 0")).end
                            }
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(ends == Array(repeating: .exited(0), count: 5))
                #expect(asked.withLock { $0 } == 1)

                let wrong = SSHTransport(agentSocket: nil) { _ in Secret("wrong") }
                let error = await #expect(throws: TransportError.self) {
                    try await wrong.withConnection(to: target, timeout: .seconds(30)) { _ in }
                }
                #expect(error?.code == .identityUnusable)
            }
        }

        @Test func `a key that cannot be used is named with its cure`() async throws {
            try await SSHServer.with { server in
                let rsa = try await server.makeKey("rsa", type: "rsa")
                let text = server.directory + "/text"
                try "no key".write(toFile: text, atomically: true, encoding: .utf8)
                for (file, word) in [(rsa, "openssh"), (text, "no private key"), ("/nowhere/key", "cannot be read")] {
                    let error = await #expect(throws: TransportError.self) { try await logIn(server, [file]) }
                    #expect(error?.code == .identityUnusable)
                    #expect(error?.message.contains(word) == true, "\(String(describing: error))")
                }
            }
        }
    }
}
