import EbbModel
import EbbSSH
import EbbTestSupport
import EbbTransport
import FoundationEssentials
import Glibc
import NIOCore
import Subprocess
import Synchronization
import Testing

extension RealServerTests {
    /// What programs on libssh2 have fallen into, each against a real server.
    @Suite struct KnownTrapTests {
        @Test func `the MAC that the advice names is the cure`() async throws {
            let options = ["MACs hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-512"]
            try await SSHServer.with(options: options) { server in
                let output = try await Subject.libssh2.run(script("exit 4"), server.settings())
                #expect(output.end == .exited(4))
            }
        }

        @Test func `a host that only has an RSA key is reached, by ssh where libssh2 is old`() async throws {
            try await SSHServer.with(hostKeyType: "rsa") { server in
                var settings = try server.settings()
                settings.adapter = .auto
                let output = try await AutoTransport().withConnection(to: settings, timeout: .seconds(30)) {
                    connection throws(TransportError) in try await connection.run(script("exit 4"))
                }
                #expect(output.end == .exited(4))
                let error = await Subject.libssh2.failure(script("exit 0"), settings)
                if SSHLibrary.linked.isOlder(than: "1.11.0") {
                    #expect(error?.code == .hostKeyUnsupported)
                    #expect(error?.message.contains("connection: openssh") == true)
                } else {
                    #expect(error == nil)
                }
            }
        }

        @Test func `of a host's two keys the pinned one is asked for`() async throws {
            let more = "HostKey %D/second"
            try await SSHServer.with(options: [more]) { directory in
                let made = try await Subprocess.run(
                    .name("ssh-keygen"), arguments: ["-q", "-t", "ecdsa", "-N", "", "-f", directory + "/second"],
                    output: .discarded)
                #expect(made.terminationStatus.isSuccess)
            } _: { server in
                var settings = try server.settings()
                for (name, status) in [("host", Int32(4)), ("second", 5)] {
                    let pin = "\(server.directory)/only-\(name)"
                    try "[\(server.address)]:\(server.port) \(server.publicKey(name))\n".write(
                        toFile: pin, atomically: true, encoding: .utf8)
                    settings.knownHostsFiles = [pin]
                    let output = try await Subject.libssh2.run(script("exit \(status)"), settings)
                    #expect(output.end == .exited(status), "\(name)")
                }
            }
        }

        @Test func `with many keys in the agent the named one is offered alone`() async throws {
            try await SSHServer.with { server in
                var keys: [String] = []
                for number in 1...8 { keys.append(try await server.makeKey("key\(number)")) }
                try server.authorize("key8")
                let socket = server.directory + "/agent"
                try await withAgent(socket, keys: keys) { _ in
                    let transport = SSHTransport(agentSocket: socket)
                    var settings = try server.settings()
                    settings.identityFiles = ["/none"]
                    let unnamed = settings
                    let error = await #expect(throws: TransportError.self) {
                        try await transport.withConnection(to: unnamed, timeout: .seconds(20)) { _ in }
                    }
                    #expect(error?.code == .authenticationFailed)
                    settings.identityFiles = [keys[7] + ".pub"]
                    settings.identitiesOnly = true
                    let output = try await transport.withConnection(to: settings, timeout: .seconds(20)) {
                        connection throws(TransportError) in try await connection.run(script("exit 4"))
                    }
                    #expect(output.end == .exited(4))
                }
            }
        }

        @Test func `an agent that hangs costs the deadline of who asks it, and nobody else's`() async throws {
            try await SSHServer.with { server in
                let key = try await server.makeKey("kept")
                let socket = server.directory + "/agent"
                try await withAgent(socket, keys: [key]) { agent in
                    kill(agent, SIGSTOP)
                    // One event loop for both, so that a blocking question would hold up the other.
                    let transport = SSHTransport(loops: SocketLoops([SSHTransport.loops.next()]), agentSocket: socket)
                    var hanging = try server.settings()
                    hanging.identityFiles = [key + ".pub"]
                    let asking = hanging
                    var plain = try server.settings()
                    plain.identitiesOnly = true
                    async let late = transport.failure(to: asking, timeout: .seconds(4))
                    let target = plain
                    let output = try await transport.withConnection(to: target, timeout: .seconds(20)) {
                        connection throws(TransportError) in try await connection.run(script("exit 4"))
                    }
                    #expect(output.end == .exited(4))
                    #expect(await late?.code == .authenticationTimedOut)
                }
            }
        }

        @Test func `sixty commands in a row never lose their status`() async throws {
            try await SSHServer.with { server in
                let ends = try await SSHTransport().withConnection(to: server.settings(), timeout: .seconds(20)) {
                    connection throws(TransportError) in
                    var ends: [CommandEnd] = []
                    for _ in 0..<60 {
                        let request = CommandRequest(RemoteCommand("sh", "-c", "exit 7"), timeout: .seconds(30))
                        ends.append(try await connection.run(request).end)
                    }
                    return ends
                }
                #expect(ends == Array(repeating: .exited(7), count: 60))
            }
        }

        @Test func `signals to this process disturb no transfer`() async throws {
            try await SSHServer.with { server in
                // Interrupts system calls: nothing is restarted, and the handler does nothing.
                var action = sigaction()
                action.__sigaction_handler.sa_handler = { _ in }
                sigaction(SIGUSR2, &action, nil)
                let loop = SSHTransport.loops.next()
                let thread = try await loop.submit { pthread_self() }.get()
                let isOver = Atomic(false)
                let disturbing = Task.detached {
                    while !isOver.load(ordering: .relaxed) {
                        pthread_kill(thread, SIGUSR2)
                        await Task.yield()
                    }
                }
                let input = Array(repeating: UInt8(65), count: 3_000_000)
                let output = try await SSHTransport(loops: SocketLoops([loop]), agentSocket: nil).withConnection(
                    to: server.settings(), timeout: .seconds(20)
                ) { connection throws(TransportError) in
                    try await connection.run(CommandRequest(RemoteCommand("cat"), input: input, timeout: .seconds(60)))
                }
                isOver.store(true, ordering: .relaxed)
                await disturbing.value
                #expect(output.end == .exited(0))
                #expect(output.standardOutput == input)
            }
        }

        @Test(arguments: Subject.allCases)
        func `command lines around the longest that libssh2 takes run, counted in bytes`(_ subject: Subject)
            async throws
        {
            try await SSHServer.with { server in
                for length in [31_900, 32_100, 34_700, 34_800] {
                    // Two bytes each: who counted characters would cut the line in half.
                    let word = String(repeating: "ü", count: length / 2)
                    let request = CommandRequest(
                        RemoteCommand("printf", arguments: ["%s", word]), timeout: .seconds(30))
                    let output = try await subject.run(request, server.settings())
                    #expect(output.end == .exited(0), "\(length)")
                    #expect(output.standardOutput == Array(word.utf8), "\(length)")
                }
            }
        }
    }
}

extension SSHTransport {
    /// The error with which a connection fails.
    fileprivate func failure(to settings: ConnectionSettings, timeout: Duration) async -> TransportError? {
        do throws(TransportError) {
            try await withConnection(to: settings, timeout: timeout) { _ in }
            return nil
        } catch { return error }
    }
}
