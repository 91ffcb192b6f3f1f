import NIOCore
import NIOPosix

/// Asks an ssh-agent for its keys and for signatures: two messages of its protocol, over NIO.
struct AgentClient: Sendable {
    /// The agent's answer is not the one that was asked for.
    struct Refused: Error, CustomStringConvertible { let description: String }

    /// Long enough for a person who confirms each use of a key.
    private static let answerTimeout = TimeAmount.seconds(60)

    /// Path of the agent's socket.
    let socket: String

    /// The public keys that the agent can sign with.
    func keys() -> EventLoopFuture<[[UInt8]]> {
        request([11]).flatMapThrowing { answer in
            var reader = WireReader(answer)
            guard try reader.byte() == 12 else { throw Refused(description: "the agent does not list its keys") }
            var keys: [[UInt8]] = []
            for _ in 0..<(try reader.uint32()) {
                keys.append(try reader.string())
                _ = try reader.string()
            }
            return keys
        }
    }

    /// The signature alone, without the name of its algorithm.
    func signature(of data: [UInt8], with publicKey: [UInt8]) -> EventLoopFuture<[UInt8]> {
        var message: [UInt8] = [13]
        message.appendWire(publicKey)
        message.appendWire(data)
        message.appendWire(UInt32(0))
        return request(message).flatMapThrowing { answer in
            var reader = WireReader(answer)
            guard try reader.byte() == 14 else { throw Refused(description: "the agent refused to sign") }
            var signature = WireReader(try reader.string())
            _ = try signature.string()
            return try signature.string()
        }
    }

    /// Sends one message on a connection of its own, and returns the body of the answer.
    private func request(_ message: [UInt8]) -> EventLoopFuture<[UInt8]> {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        var bytes: [UInt8] = []
        bytes.appendWire(message)
        let request = ByteBuffer(bytes: bytes)
        let promise = loop.makePromise(of: [UInt8].self)
        let bootstrap = ClientBootstrap(group: loop).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let handler = AgentAnswer(promise: promise)
                try channel.pipeline.syncOperations.addHandler(handler)
            }
        }
        let channel = bootstrap.connect(unixDomainSocketPath: socket)
        let timer = loop.scheduleTask(in: Self.answerTimeout) {
            promise.fail(Refused(description: "the agent does not answer"))
        }
        channel.whenComplete { result in
            switch result {
            case .success(let channel): channel.writeAndFlush(request, promise: nil)
            case .failure(let error): promise.fail(error)
            }
        }
        promise.futureResult.whenComplete { _ in
            timer.cancel()
            channel.whenSuccess { $0.close(promise: nil) }
        }
        return promise.futureResult
    }
}

/// Collects one answer of an agent.
private final class AgentAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private static let longest = 1 << 20
    private let promise: EventLoopPromise<[UInt8]>
    private var bytes = ByteBuffer()

    init(promise: EventLoopPromise<[UInt8]>) { self.promise = promise }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var piece = unwrapInboundIn(data)
        bytes.writeBuffer(&piece)
        guard let length = bytes.getInteger(at: bytes.readerIndex, as: UInt32.self) else { return }
        if length > Self.longest {
            promise.fail(AgentClient.Refused(description: "the agent's answer is too long"))
        } else if let answer = bytes.getBytes(at: bytes.readerIndex + 4, length: Int(length)) {
            promise.succeed(answer)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(AgentClient.Refused(description: "the agent hung up"))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }
}
