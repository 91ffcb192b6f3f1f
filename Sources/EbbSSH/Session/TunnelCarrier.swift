import CLibSSH2
import EbbTransport
import NIOCore

/// Carries a session inside a direct-tcpip channel of another session on the same event loop.
///
/// Nothing is pumped by a task of its own: arrivals at the outer session are handed to the inner
/// one, and what the inner one sends is written to the channel, both from outside libssh2.
final class TunnelCarrier: Carrier, Sendable {
    private struct State {
        let channel: SSHEngine.Channel
        /// What did not fit into the channel's window yet.
        var pending = ByteBuffer()
        var wantsInput = false
        var isClosed = false
    }

    /// Beyond this many waiting bytes the inner session is asked to pause.
    private static let highWatermark = 64 << 10
    private static let pieceSize = 32 << 10
    /// Smaller than a command's: what a tunnel carries waits in it for whom it carries.
    fileprivate static let window: UInt32 = 256 << 10

    private let outer: SSHSession
    private let inner: SSHSession
    private let state: NIOLoopBoundBox<State>

    init(channel: SSHEngine.Channel, of outer: SSHSession, for inner: SSHSession) {
        (self.outer, self.inner) = (outer, inner)
        state = NIOLoopBoundBox(State(channel: channel), eventLoop: outer.loop)
    }

    var isWritable: Bool {
        state.value.pending.readableBytes < Self.highWatermark && outer.assumeIsolated { $0.isWritable }
    }

    func send(_ bytes: UnsafeRawBufferPointer) {
        guard !state.value.isClosed else { return }
        state.value.pending.writeBytes(bytes)
        drain()
    }

    func requestInput() {
        state.value.wantsInput = true
        // Not at once: the inner session is about to wait, and does not listen yet.
        outer.loop.execute { self.pump() }
    }

    /// Others may go on using the outer session: the channel is given back to it.
    func close() {
        guard !state.value.isClosed else { return }
        state.value.isClosed = true
        let key = ObjectIdentifier(self)
        let channel = state.value.channel
        outer.assumeIsolated { outer in
            guard outer.tunnels.removeValue(forKey: key) != nil else { return }
            outer.closing.append(channel)
            outer.freeClosed()
        }
    }

    /// Moves what can be moved, in both directions.
    func pump() {
        guard !state.value.isClosed else { return }
        drain()
        guard state.value.wantsInput else { return }
        let channel = state.value.channel.pointer
        var bytes = ByteBuffer()
        var code = 0
        repeat {
            _ = bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.pieceSize) { room in
                let target = room.baseAddress?.assumingMemoryBound(to: CChar.self)
                code = libssh2_channel_read_ex(channel, 0, target, Self.pieceSize)
                return max(0, code)
            }
        } while code > 0 && bytes.readableBytes < Self.highWatermark
        let isBroken = code < 0 && code != Int(LIBSSH2_ERROR_EAGAIN)
        let isEnded = isBroken || libssh2_channel_eof(channel) == 1
        let outerEnd = outer.assumeIsolated { outer in
            outer.flush()
            if bytes.readableBytes == 0, !isEnded { outer.requestInput() }
            return isEnded ? outer.connectionEnd : nil
        }
        if bytes.readableBytes > 0 {
            state.value.wantsInput = false
            let arrived = bytes
            inner.assumeIsolated { inner in arrived.withUnsafeReadableBytes { inner.receive($0) } }
        } else if isEnded {
            end(cause: outerEnd)
        }
    }

    /// The far end of the channel is closed, or the outer session is over, for this cause.
    func end(cause: TransportError?) {
        guard !state.value.isClosed else { return }
        inner.assumeIsolated { $0.endOfInput(cause: cause) }
    }

    private func drain() {
        while state.value.pending.readableBytes > 0 {
            let channel = state.value.channel.pointer
            let count = state.value.pending.withUnsafeReadableBytes { bytes in
                libssh2_channel_write_ex(
                    channel, 0, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), min(bytes.count, Self.pieceSize)
                )
            }
            guard count > 0 else { break }
            state.value.pending.moveReaderIndex(forwardBy: count)
        }
        if state.value.pending.readableBytes == 0 { state.value.pending.clear() }
        outer.assumeIsolated { $0.flush() }
    }
}

extension SSHSession {
    /// Opens a channel to an address that this session's host can reach, for another session.
    func openTunnel(to address: String, port: Int, for inner: SSHSession) async throws(TransportError) {
        if !opening.takeIfFree() { await withCheckedContinuation { opening.enqueue($0) } }
        defer { opening.pass() }
        var message: [UInt8] = []
        message.appendWire(Array(address.utf8))
        message.appendWire(UInt32(clamping: port))
        message.appendWire(Array("127.0.0.1".utf8))
        message.appendWire(UInt32(0))
        let number = engine.numberOfNextChannel()
        var pointer: OpaquePointer?
        let code = try await perform { engine in
            message.withUnsafeBytes { bytes in
                pointer = libssh2_channel_open_ex(
                    engine.session, "direct-tcpip", 12, TunnelCarrier.window, 32 << 10,
                    bytes.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(bytes.count))
            }
            return pointer == nil ? libssh2_session_last_errno(engine.session) : 0
        }
        guard let pointer else {
            guard code == LIBSSH2_ERROR_CHANNEL_FAILURE else {
                let error = brokenOff(.connectionLost, "The connection was lost", code)
                fail(error)
                throw error
            }
            throw problem(
                .connectFailed, "The jump host \(host) cannot reach \(address) port \(port) (\(reason(code))).")
        }
        let channel = SSHEngine.Channel(pointer: pointer, number: number)
        let carrier = TunnelCarrier(channel: channel, of: self, for: inner)
        tunnels[ObjectIdentifier(carrier)] = carrier
        await inner.attach(carrier)
    }

    /// Frees the channels of ended tunnels whose peer has closed them too; asks for news of the rest.
    func freeClosed() {
        guard !closing.isEmpty else { return }
        closing.removeAll { engine.free($0) != LIBSSH2_ERROR_EAGAIN }
        flush()
        if !closing.isEmpty { requestInput() }
    }
}
