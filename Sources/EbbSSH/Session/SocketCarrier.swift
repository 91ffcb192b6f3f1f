import Glibc
import NIOCore

/// Carries a session over a TCP socket; used on the session's loop only.
final class SocketCarrier: Carrier, Poller.Watcher {
    private let session: SSHSession
    private let poller: Poller
    private let descriptor: Int32
    /// How connecting ended, once it did.
    private(set) var outcome: Result<Void, IOError>?
    private var isClosed = false
    /// What the socket has not taken yet.
    private var pending = ByteBuffer()
    /// What broke sending; reading goes on, as the peer's last bytes may still arrive.
    private var sendError: IOError?
    private var isWanted = false
    private var watched: Poller.Readiness = .output

    /// Beyond this many waiting bytes the session is asked to pause.
    private static let highWatermark = 64 << 10
    /// Milliseconds after which sent data that nobody acknowledged breaks the connection.
    private static let userTimeout: Int32 = 30_000

    /// Begins to connect.
    init(connectingTo address: SocketAddress, for session: SSHSession) throws(IOError) {
        let family = address.protocol.rawValue
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        descriptor = socket(family, kind, 0)
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        self.session = session
        poller = session.loop.poller
        set(IPPROTO_TCP, TCP_NODELAY, to: 1)
        set(IPPROTO_TCP, TCP_USER_TIMEOUT, to: Self.userTimeout)
        set(Int(SOL_SOCKET), SO_KEEPALIVE, to: 1)
        let code = address.withSockAddr { address, size in connect(descriptor, address, socklen_t(size)) }
        var problem = code == 0 || errno == EINPROGRESS ? 0 : errno
        if problem == 0 { problem = poller.watch(descriptor, for: watched, with: self) }
        guard problem == 0 else {
            Glibc.close(descriptor)
            throw IOError(errnoCode: problem, reason: "connect")
        }
    }

    private func set(_ level: Int, _ option: Int32, to value: Int32) {
        var value = value
        // A system that lacks one of them still has its own defaults.
        setsockopt(descriptor, Int32(level), option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    // MARK: - The session's side

    var isWritable: Bool { !isClosed && outcome != nil && pending.readableBytes < Self.highWatermark }

    func send(_ bytes: UnsafeRawBufferPointer) {
        guard !isClosed, sendError == nil else { return }
        let count = pending.readableBytes == 0 && outcome != nil ? write(bytes) : 0
        guard count < bytes.count, sendError == nil else { return }
        pending.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[count...]))
        rewatch()
    }

    func requestInput() {
        guard !isClosed, !isWanted else { return }
        isWanted = true
        if outcome != nil { rewatch() }
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        poller.unwatch(descriptor)
        Glibc.close(descriptor)
    }

    /// Ends an attempt to connect that takes too long.
    func giveUp() { if outcome == nil { conclude(.failure(IOError(errnoCode: ETIMEDOUT, reason: "connect"))) } }

    // MARK: - The loop's side

    func becomeReady(_ readiness: Poller.Readiness) {
        guard outcome != nil else { return finishConnecting() }
        if readiness.contains(.output) { drain() }
        let isBroken = !readiness.isDisjoint(with: .broken)
        guard !isClosed, isBroken || readiness.contains(.input) else { return }
        // A broken socket stays ready for ever: what it still holds is read at once.
        if isWanted || session.readsAhead || isBroken { read() } else { rewatch() }
    }

    private func finishConnecting() {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        let error = code == 0 ? nil : IOError(errnoCode: code, reason: "connect")
        conclude(error.map { .failure($0) } ?? .success(()))
    }

    private func conclude(_ result: Result<Void, IOError>) {
        outcome = result
        if case .failure = result { close() } else { rewatch() }
        session.assumeIsolated { $0.wake() }
    }

    private func read() {
        let room = poller.scratch
        let count = recv(descriptor, room.baseAddress, room.count, 0)
        if count > 0 {
            isWanted = false
            session.assumeIsolated { $0.receiveRead(count) }
        } else if count == 0 || errno != EAGAIN && errno != EINTR {
            let error = count == 0 ? nil : IOError(errnoCode: errno, reason: "recv")
            let cause = sendError ?? error
            close()
            session.assumeIsolated { $0.endOfInput(cause: cause) }
        }
    }

    private func drain() {
        let count = pending.withUnsafeReadableBytes { write($0) }
        pending.moveReaderIndex(forwardBy: count)
        if pending.readableBytes == 0 || sendError != nil { pending.clear() }
        // What never runs empty must not keep what was sent.
        if pending.readerIndex > Self.highWatermark { pending.discardReadBytes() }
        rewatch()
        if isWritable { session.assumeIsolated { $0.wake() } }
    }

    /// Sends what the socket takes now, and returns how much that was.
    private func write(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard !bytes.isEmpty else { return 0 }
        let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        if count < 0, errno != EAGAIN, errno != EINTR { sendError = IOError(errnoCode: errno, reason: "send") }
        return max(0, count)
    }

    /// Watches the socket for what is needed now, and for nothing else.
    private func rewatch() {
        guard !isClosed, outcome != nil else { return }
        var wanted: Poller.Readiness = isWanted || session.readsAhead ? .input : []
        if pending.readableBytes > 0 { wanted.insert(.output) }
        guard wanted != watched else { return }
        watched = wanted
        poller.rewatch(descriptor, for: wanted)
    }
}
