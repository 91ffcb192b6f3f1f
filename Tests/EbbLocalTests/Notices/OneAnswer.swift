import NIOCore
import NIOPosix

/// A server on loopback that reads one HTTP request, answers it with a status, and tells it.
enum OneAnswer {
    static func serving(status: Int, _ body: (Int) async -> Void) async throws -> String {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(
            host: "127.0.0.1", port: 0
        ) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        return try await server.executeThenClose { clients in
            async let request = first(of: clients, status: status)
            await body(server.channel.localAddress?.port ?? 0)
            return try await request
        }
    }

    private static func first(
        of clients: NIOAsyncChannelInboundStream<NIOAsyncChannel<ByteBuffer, ByteBuffer>>, status: Int
    ) async throws -> String {
        for try await client in clients {
            return try await client.executeThenClose { inbound, outbound in
                var text = ""
                for try await buffer in inbound {
                    text += String(buffer: buffer)
                    if isComplete(text) { break }
                }
                let answer = "HTTP/1.1 \(status) X\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
                try await outbound.write(ByteBuffer(string: answer))
                return text
            }
        }
        return ""
    }

    private static func isComplete(_ text: String) -> Bool {
        guard let range = text.firstRange(of: "\r\n\r\n") else { return false }
        let length = text.split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }.flatMap {
            Int($0.dropFirst(16))
        }
        return text[range.upperBound...].utf8.count >= length ?? 0
    }
}
