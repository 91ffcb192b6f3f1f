import EbbLocal
import EbbModel
import NIOCore
import NIOPosix
import Testing

@Suite struct HealthProbeTests {
    /// Answers whatever comes with one HTTP status, for as long as the closure runs.
    private func answering(_ status: String, _ body: (Int) async throws -> Void) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).childChannelInitializer {
            channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(ServedOnce(status: status))
            }
        }.bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        try await body(port)
        try await server.close()
    }

    private func settings() throws -> ConnectionSettings {
        ConnectionSettings(host: try HostName("h"), address: "127.0.0.1")
    }

    @Test func `a port is a check that is met while somebody listens there`() async throws {
        let host = try settings()
        var closed = 0
        try await answering("200 OK") { port in
            closed = port
            let check = OutsideCheck.tcp(address: nil, port: port)
            #expect(await HealthProbe.problem(check, of: host, within: .seconds(20)) == nil)
        }
        let check = OutsideCheck.tcp(address: "127.0.0.1", port: closed)
        // What another test starts meanwhile may hold the socket for a moment longer.
        var problem: String?
        for _ in 0..<500 where problem == nil {
            problem = await HealthProbe.problem(check, of: host, within: .seconds(120))
        }
        #expect(problem != nil)
    }

    @Test func `a page is a check that is met by the status that is asked for`() async throws {
        let host = try settings()
        for (answer, wanted, isMet) in [
            ("200 OK", nil, true), ("302 Found", nil, true), ("503 Busy", nil, false), ("503 Busy", 503, true),
            ("200 OK", 204, false),
        ] as [(String, Int?, Bool)] {
            try await answering(answer) { port in
                let check = OutsideCheck.http(url: "http://127.0.0.1:\(port)/up", status: wanted)
                let problem = await HealthProbe.problem(check, of: host, within: .seconds(120))
                #expect((problem == nil) == isMet, "\(answer) for \(check): \(problem ?? "met")")
            }
        }
    }
}

/// Says one thing to whoever speaks, and hangs up.
private final class ServedOnce: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    let status: String

    init(status: String) { self.status = status }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let text = "HTTP/1.1 \(status)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        context.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
        context.close(promise: nil)
    }
}
