import EbbTestSupport
import EbbTransport
import FoundationEssentials
import Testing

@testable import EbbModel
@testable import EbbSSH

/// A network that loses every packet, which loopback never does.
///
/// It is waited for half a minute, beside the other tests: no deadline of it is near.
@Suite(.timeLimit(.minutes(5))) struct NetworkTests {
    @Test func `a host whose cable is pulled is given up by the kernel, if by nobody else`() async throws {
        try await ServerNetwork.with { network in
            try await SSHServer.with(network: network) { server in
                let settings = try server.settings()
                let began = server.directory + "/began"
                // Asked often, and waited for without end: what is left is TCP_USER_TIMEOUT.
                let transport = SSHTransport(keepAlive: KeepAlive(interval: .seconds(2), timeout: .seconds(600)))
                async let pulled: Void = {
                    #expect(try await Poll.until { FileManager.default.fileExists(atPath: began) })
                    try await network.cut()
                }()
                let error = await #expect(throws: TransportError.self) {
                    try await transport.withConnection(to: settings, timeout: .seconds(20)) {
                        connection throws(TransportError) in
                        try await connection.run(script("echo >\(began); sleep 300", timeout: .seconds(300)))
                    }
                }
                try await pulled
                #expect(error?.code == .connectionLost, "\(error.map(String.init(describing:)) ?? "")")
                #expect(error?.phase == .command)
            }
        }
    }
}
