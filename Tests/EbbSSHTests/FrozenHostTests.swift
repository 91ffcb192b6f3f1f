import EbbModel
import EbbTestSupport
import EbbTransport
import FoundationEssentials
import Glibc
import Testing

@testable import EbbSSH

extension RealServerTests {
    /// A host that stops answering, wherever it does, costs its deadline and nothing more.
    @Suite struct FrozenHostTests {
        @Test(arguments: Subject.allCases) func `a frozen host is reported with the phase in which it froze`(
            _ subject: Subject
        ) async throws {
            try await SSHServer.with { server in
                let settings = try server.settings()
                let command = await subject.failure(
                    script(FrozenServer.stop + "sleep 60", timeout: .seconds(2)), settings)
                #expect(command?.code == .commandTimedOut)
                #expect(command?.phase == .command)

                let close = await subject.failure(script("exec >&- 2>&-; sleep 60", timeout: .seconds(2)), settings)
                #expect(close?.code == .commandTimedOut)
                #expect(subject.phasesWhileEnding.contains(close?.phase ?? .resolve))

                // Its status is known; whether all of its output came is not.
                let held = await subject.failure(script("sleep 30 & exit 0", timeout: .seconds(2)), settings)
                #expect(held?.code == .commandTimedOut)
                #expect([.command, .close].contains(held?.phase))

                kill(server.process, SIGSTOP)
                let banner = await subject.failure(script("exit 0"), settings, timeout: .seconds(2))
                #expect(banner?.code == .bannerTimedOut)
                #expect(banner?.phase == .banner)
                #expect(ProcessTree.connections(to: server.address) == 0)
            }
        }

        @Test(arguments: Subject.allCases) func `a host that freezes after the login is given up at its command`(
            _ subject: Subject
        ) async throws {
            try await SSHServer.with { server in
                let settings = try server.settings()
                let error = await #expect(throws: TransportError.self) {
                    try await subject.makeTransport().withConnection(to: settings, timeout: .seconds(20)) {
                        connection throws(TransportError) in
                        ProcessTree.signal(SIGSTOP, to: server.process, includingRoot: false)
                        return try await connection.run(script("exit 0", timeout: .seconds(2)))
                    }
                }
                #expect(error?.code == .commandTimedOut)
                #expect(error?.phase == .open)
                #expect(ProcessTree.connections(to: server.address) == 0)
            }
        }

        @Test(arguments: Subject.allCases) func `a host that freezes in the key exchange is given up there`(
            _ subject: Subject
        ) async throws {
            try await SSHServer.with { server in
                let greeting = Array("SSH-2.0-Frozen_1.0\r\n".utf8)
                try await GreetingServer.with(address: server.address, greeting: greeting) { frozen in
                    var settings = try server.settings()
                    settings.port = frozen.port
                    let error = await subject.failure(script("exit 0"), settings, timeout: .seconds(2))
                    #expect(error?.code == .keyExchangeTimedOut)
                    #expect(error?.phase == .keyExchange)
                }
                #expect(ProcessTree.connections(to: server.address) == 0)
            }
        }

        @Test(arguments: Subject.allCases) func `a host that freezes in the login is given up there`(_ subject: Subject)
            async throws
        {
            let options = [
                "AuthorizedKeysCommand /bin/sleep 60", "AuthorizedKeysCommandUser root", "AuthorizedKeysFile none",
            ]
            try await SSHServer.with(options: options) { server in
                let error = await subject.failure(script("exit 0"), try server.settings(), timeout: .seconds(3))
                #expect(error?.code == .authenticationTimedOut)
                #expect(error?.phase == .authenticate)
            }
        }

        @Test func `a host that falls silent is noticed before its command's time is over`() async throws {
            try await SSHServer.with { server in
                let settings = try server.settings()
                let transport = SSHTransport(keepAlive: KeepAlive(interval: .seconds(2), timeout: .seconds(3)))
                // A command that is only slow is asked as well, and answers.
                let slow = try await transport.withConnection(to: settings, timeout: .seconds(20)) {
                    connection throws(TransportError) in
                    try await connection.run(script("sleep 7; exit 4", timeout: .seconds(60)))
                }
                #expect(slow.end == .exited(4))
                let error = await #expect(throws: TransportError.self) {
                    try await transport.withConnection(to: settings, timeout: .seconds(20)) {
                        connection throws(TransportError) in
                        try await connection.run(script(FrozenServer.stop + "sleep 90", timeout: .seconds(90)))
                    }
                }
                #expect(error?.code == .connectionLost)
                #expect(error?.phase == .command)
            }
        }
    }
}
