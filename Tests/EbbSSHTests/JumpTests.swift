import EbbModel
import EbbSSH
import EbbTestSupport
import EbbTransport
import FoundationEssentials
import Glibc
import Synchronization
import Testing

extension RealServerTests {
    /// Hosts that are reached through other hosts.
    @Suite struct JumpTests {
        @Test(arguments: Subject.allCases) func `a host is reached through one and two others`(_ subject: Subject)
            async throws
        {
            try await SSHServer.with { first in
                try await SSHServer.with { second in
                    try await SSHServer.with { target in
                        var settings = try target.settings()
                        settings.jumps = [try first.settings(host: "first")]
                        let one = try await subject.run(script("exit 3"), settings)
                        #expect(one.end == .exited(3))

                        settings.jumps.append(try second.settings(host: "second"))
                        let text = "head -c 3000000 /dev/zero; exec cat >/dev/null"
                        let two = try await subject.run(script(text), settings)
                        #expect(two.end == .exited(0))
                        #expect(two.standardOutput.count == 3_000_000)
                        #expect(ProcessTree.connections(to: first.address) == 0)
                    }
                }
            }
        }

        @Test(arguments: Subject.allCases) func `large input passes through a jump host`(_ subject: Subject)
            async throws
        {
            try await SSHServer.with { jump in
                try await SSHServer.with { target in
                    var settings = try target.settings()
                    settings.jumps = [try jump.settings(host: "jump")]
                    let request = CommandRequest(
                        RemoteCommand("wc", "-c"), input: Array(repeating: 7, count: 3_000_000), timeout: .seconds(30))
                    let output = try await subject.run(request, settings)
                    #expect(output.standardOutput == Array("3000000\n".utf8))
                }
            }
        }

        @Test func `hosts behind a jump host share one connection to it`() async throws {
            try await SSHServer.with { jump in
                try await SSHServer.with { target in
                    var settings = try target.settings()
                    settings.jumps = [try jump.settings(host: "jump")]
                    let (through, address) = (settings, jump.address)
                    let transport = SSHTransport(agentSocket: nil)
                    let flag = target.directory + "/go"
                    let wait = script("echo here; until [ -e \(flag) ]; do sleep 0.05; done; exit 5")
                    let here = Arrivals()
                    let ends = try await withThrowingTaskGroup(of: CommandEnd.self) { group in
                        for _ in 0..<10 {
                            group.addTask {
                                try await transport.withConnection(to: through, timeout: .seconds(30)) {
                                    connection throws(TransportError) in
                                    try await connection.stream(wait) { _ in
                                        guard here.next() == 10 else { return }
                                        // The kernel's table may leave rows out while others
                                        // come and go in it.
                                        let seen = (0..<50).lazy.map { _ in ProcessTree.connections(to: address) }
                                        #expect(seen.first { $0 > 0 } == 1)
                                        _ = FileManager.default.createFile(atPath: flag, contents: nil)
                                    }
                                }
                            }
                        }
                        return try await group.reduce(into: []) { $0.append($1) }
                    }
                    #expect(ends == Array(repeating: .exited(5), count: 10))
                    #expect(ProcessTree.connections(to: address) == 0)
                }
            }
        }

        @Test func `a dead address behind a jump host holds nobody up`() async throws {
            try await SSHServer.with { jump in
                try await SSHServer.with { target in
                    let hole = try BlackHole(address: target.address)
                    var settings = try target.settings()
                    settings.jumps = [try jump.settings(host: "jump")]
                    let alive = settings
                    settings.port = hole.port
                    let dead = settings
                    let transport = SSHTransport(agentSocket: nil)
                    let flag = target.directory + "/go"
                    let failed = Task {
                        defer { _ = FileManager.default.createFile(atPath: flag, contents: nil) }
                        do throws(TransportError) {
                            try await transport.withConnection(to: dead, timeout: .seconds(6)) { _ in }
                            return nil as TransportError?
                        } catch { return error }
                    }
                    // They go on when the dead one has been given up, and come to a good end.
                    let wait = script("until [ -e \(flag) ]; do sleep 0.05; done; exit 5")
                    let ends = try await withThrowingTaskGroup(of: CommandEnd.self) { group in
                        for _ in 0..<5 {
                            group.addTask {
                                try await transport.withConnection(to: alive, timeout: .seconds(30)) {
                                    connection throws(TransportError) in try await connection.run(wait).end
                                }
                            }
                        }
                        return try await group.reduce(into: []) { $0.append($1) }
                    }
                    #expect(ends == Array(repeating: .exited(5), count: 5))
                    let error = await failed.value
                    #expect(error?.code == .connectTimedOut)
                    #expect(error?.phase == .connect)
                    #expect(ProcessTree.connections(to: jump.address) == 0)
                }
            }
        }

        @Test func `every host on the way is checked, and named when it fails`() async throws {
            try await SSHServer.with { jump in
                try await SSHServer.with { target in
                    var settings = try target.settings()
                    var untrusted = try jump.settings(host: "jump")
                    untrusted.knownHostsFiles = ["/dev/null"]
                    settings.jumps = [untrusted]
                    let error = await Subject.libssh2.failure(script("exit 0"), settings)
                    #expect(error?.code == .hostKeyUnknown)
                    #expect(error?.host == settings.host)
                    #expect(error?.message.contains("Jump host jump") == true)

                    settings.jumps = [try jump.settings(host: "jump")]
                    settings.knownHostsFiles = ["/dev/null"]
                    let inner = await Subject.libssh2.failure(script("exit 0"), settings)
                    #expect(inner?.code == .hostKeyUnknown)
                    #expect(inner?.message.contains("Jump host") == false)

                    settings = try target.settings()
                    settings.jumps = [try jump.settings(host: "jump")]
                    settings.port = 1
                    let closed = await Subject.libssh2.failure(script("exit 0"), settings)
                    #expect(closed?.phase == .connect)
                    #expect(closed?.code == .connectFailed)
                }
            }
        }

        @Test func `a host behind a jump host whose session died gets there by another one`() async throws {
            try await SSHServer.with { jump in
                try await SSHServer.with { target in
                    var settings = try target.settings()
                    settings.jumps = [try jump.settings(host: "jump")]
                    let through = settings
                    let transport = SSHTransport(agentSocket: nil)
                    // The first one keeps its seat on the dead session meanwhile.
                    try await transport.withConnection(to: through, timeout: .seconds(20)) { _ throws(TransportError) in
                        jump.killConnections()
                        let output = try await transport.withConnection(to: through, timeout: .seconds(20)) {
                            connection throws(TransportError) in try await connection.run(script("exit 5"))
                        }
                        #expect(output.end == .exited(5))

                        ProcessTree.signal(SIGKILL, to: jump.process)
                        let error = await #expect(throws: TransportError.self) {
                            try await transport.withConnection(to: through, timeout: .seconds(20)) { _ in }
                        }
                        #expect(error?.host == through.host)
                        #expect(error?.message.hasPrefix("Jump host jump: ") == true)
                    }
                    #expect(ProcessTree.connections(to: jump.address) == 0)
                }
            }
        }

        @Test func `a jump host that dies during a login behind it is named`() async throws {
            try await SSHServer.with { jump in
                let children = "/proc/\(jump.process)/task/\(jump.process)/children"
                let options = [
                    "AuthorizedKeysCommand /bin/sh -c \"kill -9 $(cat \(children)); exec sleep 60\"",
                    "AuthorizedKeysCommandUser root", "AuthorizedKeysFile none",
                ]
                try await SSHServer.with(options: options) { target in
                    var settings = try target.settings()
                    settings.jumps = [try jump.settings(host: "jump")]
                    let error = await Subject.libssh2.failure(script("exit 0"), settings)
                    #expect(error?.host == settings.host)
                    #expect(error?.phase == .authenticate)
                    #expect(error?.message.hasPrefix("Jump host jump: ") == true, "\(error)")
                }
            }
        }

        @Test func `a jump host that dies takes its command with it, never as status 0`() async throws {
            try await SSHServer.with { jump in
                try await SSHServer.with { target in
                    var settings = try target.settings()
                    settings.jumps = [try jump.settings(host: "jump")]
                    let through = settings
                    let error = await #expect(throws: TransportError.self) {
                        try await SSHTransport().withConnection(to: through, timeout: .seconds(20)) {
                            connection throws(TransportError) in
                            try await connection.stream(script("echo started; exec sleep 60", timeout: .seconds(4))) {
                                _ in jump.killConnections()
                            }
                        }
                    }
                    #expect(error?.code == .connectionLost)
                }
            }
        }
    }
}

/// Counts those who have come.
private final class Arrivals: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
