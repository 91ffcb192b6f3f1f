import NIOCore

/// What takes a session's bytes to its peer: a socket, or a channel of another session.
///
/// Used on the session's event loop only.
protocol Carrier: AnyObject {
    /// Whether more bytes should be sent now.
    var isWritable: Bool { get }
    func send(_ bytes: ByteBuffer)
    /// Asks for bytes of the peer; each request brings some, or the end.
    func requestInput()
    func close()
}

/// Carries a session over a socket.
final class SocketCarrier: ChannelInboundHandler, Carrier {
    typealias InboundIn = ByteBuffer

    private let session: SSHSession
    private let channel: any Channel

    init(session: SSHSession, channel: any Channel) {
        self.session = session
        self.channel = channel
    }

    var isWritable: Bool { channel.isWritable }

    func send(_ bytes: ByteBuffer) { channel.writeAndFlush(bytes, promise: nil) }

    /// A socket that is read ahead needs no asking: the windows of SSH bound how much may come.
    func requestInput() { if !session.readsAhead { channel.read() } }

    func close() { channel.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        session.assumeIsolated { $0.receive(bytes) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        session.assumeIsolated { $0.wake() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        session.assumeIsolated { $0.endOfInput() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        session.assumeIsolated { $0.endOfInput(cause: error) }
        context.close(promise: nil)
    }
}
