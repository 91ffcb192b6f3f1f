import EbbModel
import EbbTransport
import Synchronization
import Testing

@testable import EbbSSH

struct LimitedTransportTests {
    /// Counts how many connections are open at once, each until `gate` lets one go.
    private struct Counting: Transport {
        final class Counts: Sendable { let open = Mutex((now: 0, most: 0, ever: 0)) }

        let counts = Counts()

        func withConnection<Result: Sendable>(
            to settings: ConnectionSettings, timeout: Duration,
            _ body: (any Connection) async throws(TransportError) -> Result
        ) async throws(TransportError) -> Result {
            counts.open.withLock {
                $0.now += 1
                $0.ever += 1
                $0.most = max($0.most, $0.now)
            }
            for _ in 0..<20 { await Task.yield() }
            counts.open.withLock { $0.now -= 1 }
            throw TransportError(.cancelled, phase: .connect, host: settings.host, "counted")
        }
    }

    @Test func `no more connections are open than the limits allow, and all get their turn`() async throws {
        let host = try HostName("db1")
        let jump = ConnectionSettings(host: try HostName("jump"), address: "jump")
        for (jumps, most) in [([], 5), ([jump], 2)] {
            let base = Counting()
            let limited = LimitedTransport(base, connections: 5, perJump: 2)
            await withTaskGroup(of: Void.self) { group in
                for index in 0..<60 {
                    group.addTask {
                        let settings = ConnectionSettings(host: host, address: "db1", jumps: jumps)
                        let call = Task {
                            try? await limited.withConnection(to: settings, timeout: .seconds(1)) { _ in }
                        }
                        // Some give up while they wait; nobody else loses a turn by that.
                        if index % 10 == 0 { call.cancel() }
                        await call.value
                    }
                }
            }
            let counts = base.counts.open.withLock { $0 }
            #expect(counts.now == 0)
            #expect((1...most).contains(counts.most))
            #expect(counts.ever >= 54)
        }
    }

    /// Connects at once, and counts who is connecting and who is connected.
    private struct Connecting: Transport {
        final class Counts: Sendable { let now = Mutex((connecting: 0, most: 0, connected: 0)) }

        struct Lent: Connection {
            let host: HostName
            let hostKey = HostKey(algorithm: "ssh-ed25519", blob: [])
            let algorithms: ChosenAlgorithms? = nil

            func stream(_ request: CommandRequest, receive: @escaping @Sendable (OutputChunk) -> Void)
                async throws(TransportError) -> CommandEnd
            { .exited(0) }
        }

        let counts = Counts()

        func withConnection<Result: Sendable>(
            to settings: ConnectionSettings, timeout: Duration,
            _ body: (any Connection) async throws(TransportError) -> Result
        ) async throws(TransportError) -> Result {
            counts.now.withLock {
                $0.connecting += 1
                $0.most = max($0.most, $0.connecting)
            }
            for _ in 0..<20 { await Task.yield() }
            counts.now.withLock {
                $0.connecting -= 1
                $0.connected += 1
            }
            return try await body(Lent(host: settings.host))
        }
    }

    @Test func `fewer are being connected than may be open, and all can be open together`() async throws {
        let settings = ConnectionSettings(host: try HostName("db1"), address: "db1")
        let base = Connecting()
        let limited = LimitedTransport(base, connections: 40, connecting: 3, spread: .microseconds(100))
        let (everyone, arrived) = AsyncStream<Void>.makeStream()
        let gate = Task { for await _ in everyone {} }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<40 {
                group.addTask {
                    try? await limited.withConnection(to: settings, timeout: .seconds(1)) { _ in
                        // Nobody leaves before everybody is here.
                        if base.counts.now.withLock(\.connected) == 40 { arrived.finish() }
                        await gate.value
                    }
                }
            }
        }
        #expect((1...3).contains(base.counts.now.withLock(\.most)))
        #expect(base.counts.now.withLock(\.connected) == 40)
    }

    @Test func `a libssh2 that corrupts data is refused`() {
        func library(_ version: String) -> SSHLibrary { SSHLibrary(version: version, algorithms: [:]) }
        #expect(library("1.11.0").refusal?.contains("1.11.1") == true)
        #expect(library("1.10.0").refusal == nil)
        #expect(library("1.11.1").refusal == nil)
        #expect(library("1.10.0").isOlder(than: "1.11.1"))
        #expect(!library("1.11.2_DEV").isOlder(than: "1.11.1"))
        #expect(!SSHLibrary.linked[.keyExchange].isEmpty)
        #expect(SSHLibrary.linked[.hostKey].contains("ssh-ed25519"))
    }
}
