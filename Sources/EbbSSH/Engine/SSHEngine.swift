import CLibSSH2
import EbbModel
import EbbTransport
import Glibc
import NIOCore

/// libssh2 as a state machine: bytes in, bytes out, no descriptor and no waiting.
///
/// The send callback never refuses, so `LIBSSH2_ERROR_EAGAIN` only ever means "feed me more input"
/// and a half-sent packet cannot exist. An engine belongs to one event loop.
final class SSHEngine {
    /// One descriptor serves every session: the handshake only reads and sets its flags.
    private static let idleDescriptor = ebb_event_descriptor()
    /// `libssh2_init` is not thread-safe; a static is initialised once.
    private static let library = libssh2_init(0)

    let session: OpaquePointer
    /// Bytes of the peer that libssh2 has not taken yet.
    private(set) var input = ByteBufferAllocator().buffer(capacity: 2 << 10)
    /// Bytes for the peer that nobody has sent yet.
    private var output = ByteBufferAllocator().buffer(capacity: 2 << 10)
    private(set) var inputEnded = false
    /// What the peer said when it disconnected.
    private(set) var disconnectMessage: [UInt8] = []
    /// Data that the sign callback was asked to sign, and the signature once somebody made it.
    private(set) var dataToSign: [UInt8]?
    private var signature: [UInt8]?
    /// The answer to a prompt for a password; given once.
    var passwordForPrompts: Secret?
    /// A question of the host that nobody could answer.
    private(set) var unansweredPrompt: [UInt8]?
    /// Local numbers of the channels whose peer sent an explicit exit status.
    private var provenChannels: Set<Int64> = []
    /// libssh2 numbers channels in the order in which they are opened, and offers no way to ask.
    private var nextChannel: Int64 = 0
    private var signContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    /// Whether keys are being exchanged for the first time.
    private var isShakingHands = false
    private var isFreed = false

    /// A channel and the number that the peer knows it by.
    struct Channel {
        let pointer: OpaquePointer
        let number: Int64
    }

    /// Makes a session; nil when libssh2 has no memory or could not be initialised.
    init?() {
        guard Self.library == 0, Self.idleDescriptor >= 0,
            let session = libssh2_session_init_ex(nil, freeBlock, nil, nil)
        else { return nil }
        self.session = session
        signContext = .allocate(capacity: 1)
        let me = Unmanaged.passUnretained(self).toOpaque()
        signContext.initialize(to: me)
        libssh2_session_abstract(session).pointee = me
        libssh2_session_set_blocking(session, 0)
        ebb_session_set_callbacks(session, sendBytes, receiveBytes, disconnected)
    }

    deinit {
        free()
        signContext.deallocate()
    }

    /// Takes bytes of the peer.
    func receive(_ bytes: UnsafeRawBufferPointer) {
        guard !inputEnded else { return }
        if input.readableBytes == 0 { input.clear() }
        // What never runs empty must not keep what was read.
        if input.readerIndex > 256 << 10 { input.discardReadBytes() }
        input.writeBytes(bytes)
    }

    /// No more bytes will come; what was received is still read unless it is discarded.
    func endInput(discarding: Bool) {
        inputEnded = true
        if discarding { input.clear() }
    }

    /// Gives away the bytes to send to the peer now, if there are any.
    func giveOutput(_ take: (UnsafeRawBufferPointer) -> Void) {
        guard output.readableBytes > 0 else { return }
        // Whoever takes them may enter libssh2 again, which then writes to another buffer.
        var bytes = ByteBuffer()
        swap(&bytes, &output)
        bytes.withUnsafeReadableBytes(take)
        bytes.clear()
        if output.readableBytes == 0 { swap(&bytes, &output) }
    }

    /// Answers the sign callback; libssh2 asks again when it is next entered.
    func sign(with signature: [UInt8]) {
        self.signature = signature
        dataToSign = nil
    }

    /// The message of libssh2's last error.
    var lastError: String {
        var text: UnsafeMutablePointer<CChar>?
        libssh2_session_last_error(session, &text, nil, 0)
        return text.map { String(cString: $0) } ?? "unknown error"
    }

    /// Frees libssh2's memory; without input nothing in it can wait.
    func free() {
        guard !isFreed else { return }
        endInput(discarding: true)
        // libssh2 frees what a key exchange holds when that fails, and not with the session.
        if isShakingHands { _ = handshake() }
        isFreed = true
        libssh2_session_free(session)
        output.clear()
    }

    func handshake() -> Int32 {
        let code = libssh2_session_handshake(session, Self.idleDescriptor)
        isShakingHands = code == LIBSSH2_ERROR_EAGAIN
        return code
    }

    /// Whether a channel's peer sent an explicit exit status; zero is also what nobody sent.
    func hasExitStatus(_ channel: Channel) -> Bool { provenChannels.contains(channel.number) }

    /// The number of the channel that the next open makes; call once for each.
    func numberOfNextChannel() -> Int64 {
        defer { nextChannel += 1 }
        return nextChannel
    }

    /// Frees a channel; EAGAIN while the peer has not closed it, and then it still exists.
    @discardableResult func free(_ channel: Channel) -> Int32 {
        guard !isFreed else { return 0 }
        provenChannels.remove(channel.number)
        return libssh2_channel_free(channel.pointer)
    }

    // MARK: - Called by libssh2

    fileprivate func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        if !isFreed { output.writeBytes(bytes) }
        return bytes.count
    }

    fileprivate func receive(into target: UnsafeMutableRawBufferPointer) -> Int {
        let count = input.readWithUnsafeReadableBytes { source in
            let count = min(target.count, source.count)
            target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<count]))
            return count
        }
        return count > 0 || inputEnded ? count : -Int(EAGAIN)
    }

    fileprivate func noteDisconnect(_ message: UnsafeRawBufferPointer) {
        disconnectMessage = Array(message.prefix(1024))
    }

    fileprivate func noteExitStatus(ofChannel number: Int64) { provenChannels.insert(number) }

    /// The answer to a question of the host; the password is given to one that hides its answer.
    func answer(to prompt: UnsafeRawBufferPointer, isShown: Bool) -> String {
        if !isShown, let password = passwordForPrompts {
            passwordForPrompts = nil
            return password.reveal()
        }
        unansweredPrompt = Array(prompt.prefix(200))
        return ""
    }

    /// The engine that a session's abstract pointer names.
    static func named(by abstract: UnsafeMutablePointer<UnsafeMutableRawPointer?>?) -> SSHEngine? {
        abstract?.pointee.map { Unmanaged<SSHEngine>.fromOpaque($0).takeUnretainedValue() }
    }

    fileprivate func takeSignature(for data: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard let signature else {
            dataToSign = Array(data)
            return nil
        }
        self.signature = nil
        return signature
    }
}

private let sendBytes: ebb_send = { _, bytes, count, _, abstract in
    SSHEngine.named(by: abstract)?.send(UnsafeRawBufferPointer(start: bytes, count: count)) ?? -Int(EPIPE)
}

private let receiveBytes: ebb_receive = { _, bytes, count, _, abstract in
    SSHEngine.named(by: abstract)?.receive(into: UnsafeMutableRawBufferPointer(start: bytes, count: count)) ?? 0
}

private let disconnected: ebb_disconnected = { _, _, message, length, _, _, abstract in
    SSHEngine.named(by: abstract)?.noteDisconnect(UnsafeRawBufferPointer(start: message, count: max(0, Int(length))))
}

/// libssh2 cannot tell "exit status 0" from "no exit status", but it hands back the packet.
private func freeBlock(_ block: UnsafeMutableRawPointer?, _ abstract: UnsafeMutablePointer<UnsafeMutableRawPointer?>?) {
    let channel = ebb_exit_status_channel(block)
    if channel >= 0 { SSHEngine.named(by: abstract)?.noteExitStatus(ofChannel: channel) }
    free(block)
}

/// Hands data to the signer outside, and answers EAGAIN until the signature is there.
let signData:
    @convention(c) (
        OpaquePointer?, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?, UnsafeMutablePointer<Int>?,
        UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    ) -> Int32 = { _, signature, length, data, count, abstract in
        guard
            let made = SSHEngine.named(by: abstract)?.takeSignature(for: UnsafeBufferPointer(start: data, count: count))
        else { return LIBSSH2_ERROR_EAGAIN }
        guard let copy = malloc(max(1, made.count)) else { return LIBSSH2_ERROR_ALLOC }
        made.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { copy.copyMemory(from: start, byteCount: bytes.count) }
        }
        signature?.pointee = copy.assumingMemoryBound(to: UInt8.self)
        length?.pointee = made.count
        return 0
    }

extension SSHEngine {
    /// Offers a public key, and signs through `signData` if the server accepts it.
    func authenticate(user: String, publicKey: [UInt8]) -> Int32 {
        libssh2_userauth_publickey(session, user, publicKey, publicKey.count, signData, signContext)
    }

    /// What the linked libssh2 can do.
    func supported(_ kind: AlgorithmKind) -> [String] {
        var list: UnsafeMutablePointer<UnsafePointer<CChar>?>?
        let count = libssh2_session_supported_algs(session, kind.methods[0], &list)
        guard count > 0, let list else { return [] }
        defer { libssh2_free(session, list) }
        return (0..<Int(count)).compactMap { list[$0].map { String(cString: $0) } }
    }

    /// Restricts the negotiation to what Ebb agrees to; libssh2 takes the lists as complete.
    func prefer(hostKeys: [String]) {
        for kind in AlgorithmKind.allCases {
            let list = kind == .hostKey ? hostKeys.joined(separator: ",") : Self.agreed[kind]
            for method in kind.methods { libssh2_session_method_pref(session, method, list) }
        }
    }

    /// What is the same for every host, joined once.
    private static let agreed = SSHLibrary.linked.algorithms.mapValues { $0.joined(separator: ",") }

    /// What was agreed on; empty before the key exchange ended.
    func chosen(_ kind: AlgorithmKind) -> String {
        libssh2_session_methods(session, kind.methods[0]).map { String(cString: $0) } ?? ""
    }

    /// The key that the host proved to own; nil before the key exchange ended.
    var hostKey: HostKey? {
        var count = 0
        var type: Int32 = 0
        guard let bytes = libssh2_session_hostkey(session, &count, &type) else { return nil }
        return HostKey(blob: Array(UnsafeRawBufferPointer(start: bytes, count: count)))
    }
}

extension AlgorithmKind {
    /// Its numbers in libssh2, one for each direction.
    fileprivate var methods: [Int32] {
        switch self {
        case .keyExchange: [LIBSSH2_METHOD_KEX]
        case .hostKey: [LIBSSH2_METHOD_HOSTKEY]
        case .cipher: [LIBSSH2_METHOD_CRYPT_CS, LIBSSH2_METHOD_CRYPT_SC]
        case .mac: [LIBSSH2_METHOD_MAC_CS, LIBSSH2_METHOD_MAC_SC]
        }
    }
}
