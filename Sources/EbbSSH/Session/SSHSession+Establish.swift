import CLibSSH2
import EbbModel
import EbbTransport
import Glibc
import NIOCore
import NIOPosix

extension SSHSession {
    /// The deadline of everything up to a usable connection.
    func scheduleEstablished(by deadline: NIODeadline, timeout: Duration) -> LoopTimers.Ticket {
        schedule(deadline) { $0.fail(.establishing($0.phase, timeout, $0.host)) }
    }

    /// Finds the addresses of a name.
    func resolve(_ name: String, port: Int) async throws(TransportError) -> [SocketAddress] {
        phase = .resolve
        if let address = try? SocketAddress(ipAddress: name, port: port) { return [address] }
        do {
            return try await wait(
                for: NIOThreadPool.singleton.runIfActive(eventLoop: loop) {
                    try Resolver.addresses(of: name, port: port)
                }
            ).get()
        } catch let error as TransportError { throw error } catch {
            throw problem(
                .resolveFailed, "The name \(PrintableText.line(name)) has no address: \(error).", cause: error)
        }
    }

    /// Connects to the first address that answers, each within its share of the time.
    func connect(to addresses: [SocketAddress], deadline: NIODeadline) async throws(TransportError) {
        phase = .connect
        var last: IOError?
        for (index, address) in addresses.enumerated() {
            let left = (deadline - .now()).nanoseconds
            let share = TimeAmount.nanoseconds(left / Int64(addresses.count - index))
            switch try await connect(to: address, within: max(share, .milliseconds(1))) {
            case .success: return
            case .failure(let error):
                detach()
                last = error
            }
        }
        throw connectError(last)
    }

    private func connect(to address: SocketAddress, within time: TimeAmount) async throws(TransportError) -> Result<
        Void, IOError
    > {
        if let error = beginConnecting(to: address) { return .failure(error) }
        let limit = schedule(.now() + time) { $0.socket?.giveUp() }
        defer { cancel(limit) }
        return try await until { () throws(TransportError) in self.socket?.outcome }
    }

    private func beginConnecting(to address: SocketAddress) -> IOError? {
        do throws(IOError) {
            attach(try SocketCarrier(connectingTo: address, for: self))
            return nil
        } catch { return error }
    }

    /// Exchanges keys, asking for the algorithms of `policy` first, and returns the host's key.
    func exchangeKeys(_ policy: HostKeyPolicy, of settings: ConnectionSettings) async throws(TransportError) -> HostKey
    {
        try prepareExchange(policy, of: settings)
        return try await until { () throws(TransportError) in try self.advanceExchange(policy, of: settings) }
    }

    /// Has the exchange of keys ask for the algorithms of `policy` first.
    func prepareExchange(_ policy: HostKeyPolicy, of settings: ConnectionSettings) throws(TransportError) {
        phase = hasGreeted ? .keyExchange : .banner
        guard let hostKeys = policy.algorithms(supported: SSHLibrary.linked.hostKeys) else {
            throw TransportError(
                .hostKeyUnsupported, phase: .hostKey, host: host,
                """
                Only keys of other types than libssh2 \(SSHLibrary.linked.version) can \
                check are pinned for \(settings.address). Pin an ed25519 key with 'ebb doctor --trust', or \
                set 'connection: openssh' for this host.
                """)
        }
        engine.prefer(hostKeys: hostKeys)
    }

    /// Advances the key exchange as far as the input allows; returns the host's key once it is accepted.
    func advanceExchange(_ policy: HostKeyPolicy, of settings: ConnectionSettings) throws(TransportError) -> HostKey? {
        let code = engine.handshake()
        if code == LIBSSH2_ERROR_EAGAIN { return nil }
        guard code == 0 else { throw handshakeError(code) }
        greeting = []
        phase = .hostKey
        guard let key = engine.hostKey else { throw problem(.keyExchangeFailed, "The host showed no host key.") }
        if let refusal = policy.refusal(of: key, shownBy: settings) { throw refusal }
        return key
    }

    // MARK: - Waiting for NIO

    /// Waits for a future of this loop, as bounded by deadline and cancellation as all else.
    func wait<Value: Sendable>(for future: EventLoopFuture<Value>) async throws(TransportError) -> Result<
        Value, any Error
    > {
        let answer = NIOLoopBoundBox<Result<Value, any Error>?>(nil, eventLoop: loop)
        let session = self
        future.hop(to: loop).whenComplete { result in
            answer.value = result
            session.assumeIsolated { $0.wake() }
        }
        return try await until { answer.value }
    }

    // MARK: - Errors

    private func connectError(_ cause: IOError?) -> TransportError {
        switch cause?.errnoCode {
        case ECONNREFUSED: return problem(.connectRefused, "The port is closed.", cause: cause)
        case ETIMEDOUT: return problem(.connectTimedOut, "The host does not answer.", cause: cause)
        default: break
        }
        let isOurs = [EMFILE, ENFILE, ENOMEM, ENOBUFS, ENOSPC].contains(cause?.errnoCode)
        let detail = cause.map { ": \(PrintableText.line("\($0)"))" } ?? ""
        return problem(isOurs ? .controllerFailed : .connectFailed, "The connection failed\(detail).", cause: cause)
    }

    private func handshakeError(_ code: Int32) -> TransportError {
        let kind: TransportError.Code
        switch code {
        case LIBSSH2_ERROR_TIMEOUT: kind = phase == .banner ? .bannerTimedOut : .keyExchangeTimedOut
        case LIBSSH2_ERROR_SOCKET_RECV, LIBSSH2_ERROR_SOCKET_DISCONNECT, LIBSSH2_ERROR_SOCKET_SEND,
            LIBSSH2_ERROR_BANNER_RECV:
            return brokenOff(.connectFailed, "The host hung up during \(phase.words)", code)
        default: kind = .keyExchangeFailed
        }
        let offer = try? ServerGreeting(greeting)
        let advice = offer.flatMap { NegotiationAdvice($0, library: .linked).explanation }
        return problem(kind, advice.map { PrintableText.line($0) } ?? "The key exchange failed (\(reason(code))).")
    }
}
