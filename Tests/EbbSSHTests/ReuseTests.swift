import EbbModel
import EbbSSH
import EbbTestSupport
import EbbTransport
import Glibc
import Testing

extension RealServerTests {
    /// Operations that follow each other share a connection, as long as nothing speaks against it.
    @Suite struct ReuseTests {
        /// Which process of the server serves a connection: another one for each connection.
        private func server(
            of settings: ConnectionSettings, _ transport: SSHTransport, timeout: Duration = .seconds(20)
        ) async throws -> String {
            let output = try await transport.withConnection(to: settings, timeout: timeout) {
                connection throws(TransportError) in try await connection.run(script("echo $PPID"))
            }
            return String(decoding: output.standardOutput, as: UTF8.self)
        }

        @Test func `operations that follow each other use one connection`() async throws {
            try await SSHServer.with { server in
                let settings = try server.settings()
                let transport = SSHTransport(agentSocket: nil, keeping: .seconds(300))
                let first = try await self.server(of: settings, transport)
                for _ in 0..<11 {
                    // More than a server allows sessions at once: each one's end was told.
                    #expect(try await self.server(of: settings, transport) == first)
                }
                var other = settings
                other.user = "nobody"
                let stranger = await #expect(throws: TransportError.self) {
                    try await transport.withConnection(to: other, timeout: .seconds(20)) { _ in }
                }
                #expect(stranger?.phase == .authenticate)
                #expect(ProcessTree.connections(to: server.address) == 1)

                await transport.forget(settings.host)
                #expect(ProcessTree.connections(to: server.address) == 0)
                #expect(try await self.server(of: settings, transport) != first)
                await transport.shutdown()
                #expect(ProcessTree.connections(to: server.address) == 0)
            }
        }

        @Test func `operations at the same time have a connection each`() async throws {
            try await SSHServer.with { server in
                let settings = try server.settings()
                let transport = SSHTransport(agentSocket: nil, keeping: .seconds(300))
                let outer = try await transport.withConnection(to: settings, timeout: .seconds(20)) {
                    connection throws(TransportError) in
                    let first = try await connection.run(script("echo $PPID")).standardOutput
                    let second = try await transport.withConnection(to: settings, timeout: .seconds(20)) {
                        connection throws(TransportError) in
                        try await connection.run(script("echo $PPID")).standardOutput
                    }
                    return [first, second]
                }
                #expect(outer[0] != outer[1])
                await transport.shutdown()
            }
        }

        @Test func `a connection that broke is opened anew, whoever broke it`() async throws {
            try await SSHServer.with { server in
                let settings = try server.settings()
                let transport = SSHTransport(agentSocket: nil, keeping: .seconds(300))
                let first = try await self.server(of: settings, transport)
                server.killConnections()
                let second = try await self.server(of: settings, transport)
                #expect(second != first)
                // Not dead, but mute: it is not waited for longer than half of the time.
                ProcessTree.signal(SIGSTOP, to: server.process, includingRoot: false)
                let third = try await self.server(of: settings, transport, timeout: .seconds(8))
                #expect(third != second)
                // What a command did to its connection is nobody else's.
                let error = await #expect(throws: TransportError.self) {
                    try await transport.withConnection(to: settings, timeout: .seconds(20)) {
                        connection throws(TransportError) in
                        try await connection.run(script("sleep 60", timeout: .seconds(1)))
                    }
                }
                #expect(error?.code == .commandTimedOut)
                #expect(try await self.server(of: settings, transport) != third)
                await transport.shutdown()
            }
        }

        @Test func `a connection that nobody wants again is closed`() async throws {
            try await SSHServer.with { server in
                let transport = SSHTransport(agentSocket: nil, keeping: .milliseconds(200))
                _ = try await self.server(of: server.settings(), transport)
                #expect(try await Poll.until { ProcessTree.connections(to: server.address) == 0 })
            }
        }

        @Test func `a connection behind a jump host is kept with the way to it`() async throws {
            try await SSHServer.with { jump in
                try await SSHServer.with { server in
                    var settings = try server.settings()
                    settings.jumps = [try jump.settings(host: "jump")]
                    let transport = SSHTransport(agentSocket: nil, keeping: .seconds(300))
                    let first = try await self.server(of: settings, transport)
                    #expect(try await self.server(of: settings, transport) == first)
                    jump.killConnections()
                    #expect(try await self.server(of: settings, transport) != first)
                    await transport.shutdown()
                    #expect(ProcessTree.connections(to: jump.address) == 0)
                }
            }
        }
    }
}
