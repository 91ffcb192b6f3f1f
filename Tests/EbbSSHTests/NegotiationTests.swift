import EbbModel
import EbbTestSupport
import EbbTransport
import FoundationEssentials
import Subprocess
import Synchronization
import Testing

@testable import EbbSSH

extension RealServerTests {
    @Suite struct NegotiationTests {
        /// The defaults of NixOS: no MAC that libssh2 1.10 knows.
        private let strict = [
            "Ciphers chacha20-poly1305@openssh.com,aes256-ctr,aes128-ctr",
            "MACs hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com",
            "KexAlgorithms sntrup761x25519-sha512@openssh.com,curve25519-sha256",
        ]
        /// A library as Debian 12 has it, so that the advice is the same whatever is linked here.
        private let old = SSHLibrary(
            version: "1.10.0",
            algorithms: [
                .keyExchange: ["curve25519-sha256"], .hostKey: ["ssh-ed25519"], .cipher: ["aes128-ctr"],
                .mac: ["hmac-sha2-256", "hmac-sha2-512"],
            ])

        @Test func `a greeting tells what is missing and how to cure it`() async throws {
            try await SSHServer.with(options: strict) { server in
                let greeting = try await ServerGreeting.read(from: server.settings(), timeout: .seconds(20))
                #expect(greeting.banner.hasPrefix("SSH-2.0-OpenSSH_"))
                #expect(greeting[.hostKey] == ["ssh-ed25519"])
                #expect(greeting[.cipher].first == "chacha20-poly1305@openssh.com")
                let advice = NegotiationAdvice(greeting, library: old)
                #expect(Set(advice.gaps.keys) == [.mac])
                let text = try #require(advice.explanation)
                for part in ["hmac-sha2-512-etm", "hmac-sha2-512 to", "1.11.1", "openssh"] {
                    #expect(text.contains(part), "\(part): \(text)")
                }
            }
            try await SSHServer.with { server in
                let greeting = try await ServerGreeting.read(from: server.settings(), timeout: .seconds(20))
                #expect(NegotiationAdvice(greeting, library: .linked).explanation == nil)
            }
        }

        @Test func `auto reaches a host that libssh2 cannot, and says so once`() async throws {
            // An exchange that no libssh2 of today has.
            let options = ["KexAlgorithms sntrup761x25519-sha512@openssh.com"]
            try await SSHServer.with(options: options) { server in
                var settings = try server.settings()
                let error = await Subject.libssh2.failure(script("exit 0"), settings)
                #expect(error?.code == .keyExchangeFailed)
                #expect(error?.message.contains("sntrup761") == true)
                #expect(error?.message.contains("connection: openssh") == true)

                settings.adapter = .auto
                let notices = Notices()
                let transport = AutoTransport { notices.add($0) }
                for status in Int32(3)...4 {
                    let output = try await transport.withConnection(to: settings, timeout: .seconds(30)) {
                        connection throws(TransportError) in try await connection.run(script("exit \(status)"))
                    }
                    #expect(output.end == .exited(status))
                }
                #expect(notices.count == 1)
            }
        }

        @Test func `auto reaches with ssh what only ssh has the keys for`() async throws {
            try await SSHServer.with(options: ["TrustedUserCAKeys %D/host.pub"]) { server in
                var settings = try server.settings()
                settings.adapter = .auto
                settings.identitiesOnly = true
                let rsa = try await server.makeKey("rsa", type: "rsa")
                try server.authorize("rsa")
                let certified = try await server.makeKey("certified")
                _ = try await Subprocess.run(
                    .name("ssh-keygen"),
                    arguments: [
                        "-q", "-s", server.directory + "/host", "-I", "test", "-n", "root", certified + ".pub",
                    ], output: .discarded)
                for files in [[rsa], [try await server.makeKey("stranger"), rsa], [certified]] {
                    settings.identityFiles = files
                    let notices = Notices()
                    let output = try await AutoTransport { notices.add($0) }.withConnection(
                        to: settings, timeout: .seconds(30)
                    ) { connection throws(TransportError) in try await connection.run(script("exit 6")) }
                    #expect(output.end == .exited(6), "\(files)")
                    #expect(notices.count == 1)
                }
            }
        }

        @Test func `auto reaches with ssh what only an authority vouches for`() async throws {
            // The user's key doubles as the authority that vouches for the host's.
            try await SSHServer.with(options: ["HostCertificate %D/host-cert.pub"]) { directory in
                _ = try await Subprocess.run(
                    .name("ssh-keygen"),
                    arguments: [
                        "-q", "-s", "\(directory)/user", "-I", "host", "-h", "-V", "always:forever",
                        "\(directory)/host.pub",
                    ], output: .discarded)
            } _: { server in
                var settings = try server.settings()
                settings.adapter = .auto
                let pins = server.directory + "/authorities"
                try "@cert-authority 127.*,[127.*]:* \(server.publicKey("user"))\n".write(
                    toFile: pins, atomically: true, encoding: .utf8)
                settings.knownHostsFiles = [pins]
                let output = try await AutoTransport().withConnection(to: settings, timeout: .seconds(30)) {
                    connection throws(TransportError) in try await connection.run(script("exit 6"))
                }
                #expect(output.end == .exited(6))
                let error = await Subject.libssh2.failure(script("exit 0"), settings)
                #expect(error?.code == .hostKeyUnsupported)

                // A key that was revoked stays revoked, whoever vouches for it.
                try """
                @cert-authority 127.*,[127.*]:* \(server.publicKey("user"))
                @revoked \(server.address) \(server.publicKey("host"))

                """.write(toFile: pins, atomically: true, encoding: .utf8)
                for adapter in ConnectionSettings.Adapter.allCases {
                    settings.adapter = adapter
                    let target = settings
                    let refused = await #expect(throws: TransportError.self) {
                        try await AutoTransport().withConnection(to: target, timeout: .seconds(30)) {
                            connection throws(TransportError) in try await connection.run(script("exit 0"))
                        }
                    }
                    #expect(refused?.code == .hostKeyRevoked, "\(adapter)")
                }
            }
        }

        @Test func `auto never falls back from a refused host key`() async throws {
            try await SSHServer.with { server in
                var settings = try server.settings()
                settings.adapter = .auto
                settings.knownHostsFiles = ["/dev/null"]
                let target = settings
                let notices = Notices()
                let error = await #expect(throws: TransportError.self) {
                    try await AutoTransport { notices.add($0) }.withConnection(to: target, timeout: .seconds(30)) { _ in
                    }
                }
                #expect(error?.code == .hostKeyUnknown)
                #expect(notices.count == 0)
            }
        }
    }
}

struct ServerGreetingTests {
    @Test func `bytes that are no greeting are refused or waited for`() throws {
        #expect(try ServerGreeting(Array("SSH-2.0-x\r\n".utf8)) == nil)
        #expect(try ServerGreeting(Array("hello\r\nSSH-2.0".utf8)) == nil)
        #expect(try ServerGreeting([]) == nil)
        #expect(throws: ServerGreeting.Malformed.self) { try ServerGreeting(Array(repeating: 0x41, count: 20_000)) }
        #expect(throws: ServerGreeting.Malformed.self) {
            try ServerGreeting(Array("SSH-2.0-x\r\n".utf8) + Array(repeating: 0xFF, count: 64))
        }
        for seed in UInt64(0)..<500 {
            var random = SeededRandom(seed: seed)
            let noise = (0..<200).map { _ in UInt8.random(in: 0...255, using: &random) }
            let length = [UInt8](arrayLiteral: 0, 0, 0, 190, 4, 20)
            // Whatever comes, it is read, refused or waited for: nothing traps.
            _ = try? ServerGreeting(Array("SSH-2.0-x\r\n".utf8) + length + noise)
        }
    }
}

/// Counts what a transport says.
private final class Notices: Sendable {
    private let texts = Mutex<[String]>([])
    var count: Int { texts.withLock(\.count) }
    func add(_ text: String) { texts.withLock { $0.append(text) } }
}
