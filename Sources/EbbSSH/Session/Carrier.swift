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
    typealias OutboundOut = ByteBuffer

    private let session: SSHSession
    /// The way to the socket while there is one.
    private var context: ChannelHandlerContext?

    init(session: SSHSession) { self.session = session }

    var isWritable: Bool { context?.channel.isWritable ?? false }

    func send(_ bytes: ByteBuffer) {
        context?.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    /// A socket that is read ahead needs no asking: the windows of SSH bound how much may come.
    func requestInput() { if !session.readsAhead { context?.read() } }

    func close() { context?.close(promise: nil) }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

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
