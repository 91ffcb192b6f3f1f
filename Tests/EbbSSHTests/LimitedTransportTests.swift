import EbbModel
import EbbSSH
import EbbTransport
import Synchronization
import Testing

struct LimitedTransportTests {
    /// Counts how many connections are open at once, each until `gate` lets one go.
    private struct Counting: Transport {
        final class Counts: Sendable {
            let open = Mutex((now: 0, most: 0, ever: 0))
        }

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

    @Test func `no more connections are open than the limits allow, and all get their turn`()
        async throws
    {
        let host = try HostName("db1")
        let jump = ConnectionSettings(host: try HostName("jump"), address: "jump")
        for (jumps, most) in [([], 5), ([jump], 2)] {
            let base = Counting()
            let limited = LimitedTransport(base, connections: 5, perJump: 2)
            await withTaskGroup(of: Void.self) { group in
                for index in 0..<60 {
                    group.addTask {
                        let settings = ConnectionSettings(
                            host: host, address: "db1", jumps: jumps)
                        let call = Task {
                            try? await limited.withConnection(
                                to: settings, timeout: .seconds(1)
                            ) { _ in }
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

    @Test func `a libssh2 that corrupts data is refused`() {
        func library(_ version: String) -> SSHLibrary {
            SSHLibrary(version: version, keyExchange: [], hostKeys: [], ciphers: [], macs: [])
        }
        #expect(library("1.11.0").refusal?.contains("1.11.1") == true)
        #expect(library("1.10.0").refusal == nil)
        #expect(library("1.11.1").refusal == nil)
        #expect(library("1.10.0").isOlder(than: "1.11.1"))
        #expect(!library("1.11.2_DEV").isOlder(than: "1.11.1"))
        #expect(!SSHLibrary.linked.keyExchange.isEmpty)
        #expect(SSHLibrary.linked.hostKeys.contains("ssh-ed25519"))
    }
}
