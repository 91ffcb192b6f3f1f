import EbbModel
import EbbSSH
import EbbTestSupport
import EbbTransport
import FoundationEssentials
import Testing

extension RealServerTests {
    @Suite struct IdentityTests {
        private func logIn(
            _ server: SSHServer, _ files: [String]
        ) async throws(TransportError) -> CommandOutput {
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

        @Test func `a key that cannot be used is named with its cure`() async throws {
            try await SSHServer.with { server in
                let rsa = try await server.makeKey("rsa", type: "rsa")
                let text = server.directory + "/text"
                try "no key".write(toFile: text, atomically: true, encoding: .utf8)
                for (file, word) in [
                    (rsa, "openssh"), (text, "no private key"), ("/nowhere/key", "cannot be read"),
                ] {
                    let error = await #expect(throws: TransportError.self) {
                        try await logIn(server, [file])
                    }
                    #expect(error?.code == .identityUnusable)
                    #expect(error?.message.contains(word) == true, "\(String(describing: error))")
                }
            }
        }
    }
}
