import NIOCore
import NIOPosix

/// A server that says one thing to everyone who connects, and nothing more.
struct GreetingServer {
    let port: Int

    /// Listens on an address for as long as `body` runs.
    static func with<Result>(address: String, greeting: [UInt8], _ body: (GreetingServer) async throws -> Result)
        async throws -> Result
    {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup).serverChannelOption(
            .backlog, value: 512
        ).childChannelInitializer { channel in channel.pipeline.addHandler(Greeter(greeting: greeting)) }.bind(
            host: address, port: 0
        ).get()
        defer { server.close(promise: nil) }
        return try await body(GreetingServer(port: server.localAddress?.port ?? 0))
    }
}

private final class Greeter: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let greeting: [UInt8]

    init(greeting: [UInt8]) { self.greeting = greeting }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(NIOAny(ByteBuffer(bytes: greeting)), promise: nil)
    }
}
