import EbbModel
import EbbTestSupport
import EbbTransport
import FoundationEssentials
import Glibc
import Synchronization

/// Where a real `sshd` is stopped with SIGSTOP, and how.
enum FrozenPhase: CaseIterable {
    case connect, banner, keyExchange, authenticate, open, command, close

    /// Time for everything up to the login, and again for the command.
    private static let limit = Duration.seconds(20)

    /// How each of its hosts must end.
    func ends(_ subject: Subject) -> Set<Ended> {
        switch self {
        case .connect: [Ended(code: .connectTimedOut, phase: .connect)]
        case .banner: [Ended(code: .bannerTimedOut, phase: .banner)]
        case .keyExchange: [Ended(code: .keyExchangeTimedOut, phase: .keyExchange)]
        case .authenticate: [Ended(code: .authenticationTimedOut, phase: .authenticate)]
        case .open: [Ended(code: .commandTimedOut, phase: .open)]
        case .command: [Ended(code: .commandTimedOut, phase: .command)]
        case .close: Set(subject.phasesWhileEnding.map { Ended(code: .commandTimedOut, phase: $0) })
        }
    }

    /// Talks to so many hosts at once, each with a server that is stopped in this phase.
    func freeze(_ hosts: Int, _ transport: any Transport) async throws -> [Ended] {
        switch self {
        case .connect:
            return try await SSHServer.with { server in
                // A stopped server accepts nobody, and its queue is full: the kernel answers no more.
                kill(server.process, SIGSTOP)
                let crowd = try Crowd(address: server.address, port: server.port)
                defer { crowd.leave() }
                return await talk(hosts, transport, try server.settings())
            }
        case .banner:
            return try await SSHServer.with { server in
                kill(server.process, SIGSTOP)
                return await talk(hosts, transport, try server.settings())
            }
        case .keyExchange: return try await freezeInKeyExchange(hosts, transport)
        case .authenticate:
            let options = [
                #"AuthorizedKeysCommand /bin/sh -c "kill -STOP $PPID""#, "AuthorizedKeysCommandUser root",
                "AuthorizedKeysFile none",
            ]
            return try await SSHServer.with(options: options) { server in
                await talk(hosts, transport, try server.settings())
            }
        case .open:
            return try await SSHServer.with { server in
                let gate = Gate(hosts) { ProcessTree.signal(SIGSTOP, to: server.process, includingRoot: false) }
                return await talk(hosts, transport, try server.settings()) { await gate.pass() }
            }
        case .command:
            return try await SSHServer.with { server in
                await talk(hosts, transport, try server.settings(), FrozenServer.stop + "sleep 600")
            }
        case .close:
            // Stopped once it has closed its ends of the pipes and has nothing left to say about it. Where a
            // shell of Ebb's stands in between: once that has ended, and while its output is held open.
            let script =
                FrozenServer.find + """
                    if [ "$PPID" = "$server" ]; then
                        out=$(readlink /proc/$$/fd/1) err=$(readlink /proc/$$/fd/2)
                        exec >/dev/null 2>&1
                        while ls -l /proc/$server/fd | grep -qF -e "$out" -e "$err"; do sleep 0.1; done
                        until grep -q '^State:.S' /proc/$server/status; do sleep 0.1; done
                        kill -STOP $server
                        sleep 600
                    fi
                    {
                        while [ -e /proc/$PPID ]; do sleep 0.1; done
                        kill -STOP $server
                        while [ -e /proc/$server ]; do sleep 0.1; done
                    } &
                    """
            return try await SSHServer.with { server in await talk(hosts, transport, try server.settings(), script) }
        }
    }

    private func freezeInKeyExchange(_ hosts: Int, _ transport: any Transport) async throws -> [Ended] {
        try await withScratchDirectory { directory in
            let agent = try FreezingAgent(socket: "\(directory)/agent")
            defer { agent.close() }
            let options = ["HostKey %D/public", "HostKeyAgent \(directory)/agent"]
            return try await SSHServer.with(options: options) { folder in
                // The only way to the private key is the agent.
                let key = try Data(contentsOf: URL(filePath: "\(folder)/host.pub"))
                try key.write(to: URL(filePath: "\(folder)/public"))
                try key.write(to: URL(filePath: "\(folder)/host"))
                chmod("\(folder)/public", 0o600)
                chmod("\(folder)/host", 0o600)
            } _: { server in
                await talk(hosts, transport, try server.settings())
            }
        }
    }

    private func talk(
        _ hosts: Int, _ transport: any Transport, _ settings: ConnectionSettings, _ command: String = "exit 0",
        before: @escaping @Sendable () async -> Void = {}
    ) async -> [Ended] {
        await withTaskGroup(of: Ended.self) { group in
            for _ in 0..<hosts {
                group.addTask {
                    let hasBegun = Atomic(false)
                    do throws(TransportError) {
                        _ = try await transport.withConnection(to: settings, timeout: Self.limit) {
                            connection throws(TransportError) in
                            hasBegun.store(true, ordering: .relaxed)
                            await before()
                            return try await connection.run(script(command, timeout: Self.limit))
                        }
                        return Ended(code: nil, phase: nil)
                    } catch {
                        // Others wait at the gate for this one too.
                        if !hasBegun.load(ordering: .relaxed) { await before() }
                        return Ended(code: error.code, phase: error.phase)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }
}

/// Lets nobody pass before all have come, and does something in between.
private actor Gate {
    private var missing: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private let action: @Sendable () -> Void

    init(_ count: Int, _ action: @escaping @Sendable () -> Void) {
        missing = count
        self.action = action
    }

    func pass() async {
        missing -= 1
        if missing == 0 {
            action()
            for waiter in waiting { waiter.resume() }
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }
}

/// Connections that fill the queue of a listener.
private struct Crowd {
    private let descriptors: [Int32]

    /// As many as OpenSSH queues, and some that the kernel already drops.
    init(address: String, port: Int) throws {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = in_port_t(port).bigEndian
        inet_pton(AF_INET, address, &name.sin_addr)
        descriptors = (0..<140).map { _ in
            let kind = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
            let filler = socket(AF_INET, Int32(kind), 0)
            withUnsafePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = connect(filler, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            return filler
        }
    }

    func leave() { for descriptor in descriptors { close(descriptor) } }
}
