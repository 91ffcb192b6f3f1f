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
    private func resolve(_ name: String, port: Int) async throws(TransportError) -> [SocketAddress] {
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
    func connect(to settings: ConnectionSettings, deadline: NIODeadline) async throws(TransportError) {
        let addresses = try await resolve(settings.address, port: settings.port)
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
        do throws(IOError) { attach(try SocketCarrier(connectingTo: address, for: self)) } catch {
            return .failure(error)
        }
        let limit = schedule(.now() + time) { $0.socket?.giveUp() }
        defer { cancel(limit) }
        return try await until { () throws(TransportError) in self.socket?.outcome }
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
        guard let hostKeys = policy.algorithms(supported: SSHLibrary.linked[.hostKey]) else {
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

    /// Lends a session that only asks a host something, and closes it.
    static func lent<Value: Sendable>(
        for host: HostName, on loop: SocketLoop, _ body: (SSHSession) async throws(TransportError) -> Value
    ) async throws(TransportError) -> Value {
        let session = try SSHSession(host: host, loop: loop)
        let result: Result<Value, TransportError>
        do throws(TransportError) { result = .success(try await body(session)) } catch { result = .failure(error) }
        await session.close()
        return try result.get()
    }

    /// Connects, directly or inside a session that nobody else uses, checks the host and logs in.
    @discardableResult func establish(
        _ settings: ConnectionSettings, through outer: SSHSession?, files: RunFiles, deadline: NIODeadline,
        timeout: Duration
    ) async throws(TransportError) -> SSHConnection {
        try await establish(settings, files: files, deadline: deadline, timeout: timeout) {
            () async throws(TransportError) in
            if let outer {
                try await outer.openTunnel(to: settings, for: self, deadline: deadline)
            } else {
                try await connect(to: settings, deadline: deadline)
            }
        }
    }

    /// Connects with `reach`, checks the host and logs in.
    func establish(
        _ settings: ConnectionSettings, files: RunFiles, deadline: NIODeadline, timeout: Duration,
        reach: () async throws(TransportError) -> Void
    ) async throws(TransportError) -> SSHConnection {
        let watchdog = scheduleEstablished(by: deadline, timeout: timeout)
        defer { cancel(watchdog) }
        return try await endingOnCancellation { () async throws(TransportError) in
            let policy = try files.hostKeyPolicy(for: settings)
            let identities = try await identities(for: settings, files: files)
            phase = .connect
            try await reach()
            do throws(TransportError) {
                let key = try await logIn(settings, policy, identities)
                return SSHConnection(host: host, hostKey: key, session: self, algorithms: algorithms)
            } catch  where error.code == .authenticationFailed { throw files.blaming(error, for: settings) }
        }
    }

    /// Exchanges keys and logs in, each step as soon as the host has answered the one before.
    private func logIn(_ settings: ConnectionSettings, _ policy: HostKeyPolicy, _ identities: [Identity])
        async throws(TransportError) -> HostKey
    {
        try prepareExchange(policy, of: settings)
        login.user = settings.user
        login.identities = identities
        var accepted: HostKey?
        let (key, answer) = try await until { () throws(TransportError) -> (HostKey, KeyLogin.Answer)? in
            if accepted == nil { accepted = try self.advanceExchange(policy, of: settings) }
            guard let key = accepted, let answer = try self.advanceLogin() else { return nil }
            return (key, answer)
        }
        try await finishLogin(answer, password: settings.password)
        return key
    }

    /// Opens a channel for a session that nobody else uses this one for; a failure is that session's own.
    private func openTunnel(to settings: ConnectionSettings, for inner: SSHSession, deadline: NIODeadline)
        async throws(TransportError)
    {
        let watchdog = schedule(deadline) {
            $0.fail(
                TransportError(
                    .connectTimedOut, phase: .connect, host: settings.host,
                    "The jump host \($0.host) did not connect in time."))
        }
        defer { cancel(watchdog) }
        try await endingOnCancellation { () async throws(TransportError) in
            do throws(TransportError) {
                try await openTunnel(to: settings.address, port: settings.port, for: inner)
            } catch {
                throw TransportError(error.code, phase: .connect, host: settings.host, error.message, cause: error)
            }
        }
    }
}

/// A logged-in session, as it is lent.
struct SSHConnection: Connection {
    let host: HostName
    let hostKey: HostKey
    let session: SSHSession
    let algorithms: ChosenAlgorithms?

    func stream(_ request: CommandRequest, receive: @escaping @Sendable (OutputChunk) -> Void)
        async throws(TransportError) -> CommandEnd
    { try await session.run(request.fitting(), receive: receive) }
}

extension TransportError {
    /// The error of a host that did not get past a phase in time.
    static func establishing(_ phase: Phase, _ timeout: Duration, _ host: HostName) -> TransportError {
        let code: Code =
            switch phase {
            case .resolve: .resolveFailed
            case .connect: .connectTimedOut
            case .banner: .bannerTimedOut
            case .keyExchange, .hostKey: .keyExchangeTimedOut
            case .authenticate: .authenticationTimedOut
            case .open, .command, .close: .commandTimedOut
            }
        return TransportError(
            code, phase: phase, host: host, "No connection within \(timeout): the host did not get past \(phase.words)."
        )
    }
}

extension SSHSession {
    /// An error of the phase that the session is in.
    func problem(_ code: TransportError.Code, _ message: String, cause: (any Error)? = nil) -> TransportError {
        TransportError(code, phase: phase, host: host, message, cause: cause)
    }

    /// The error of a session whose connection broke, or that of the jump host where its own broke.
    func brokenOff(_ code: TransportError.Code, _ message: String, _ error: Int32) -> TransportError {
        let jump = carrierError as? TransportError
        return problem(code, jump.map(Self.jumpHostMessage) ?? "\(message) (\(reason(error))).", cause: carrierError)
    }

    /// The message for a host whose jump host failed.
    static func jumpHostMessage(_ error: TransportError) -> String { "Jump host \(error.host): \(error.message)" }

    /// The peer's own words about an error, else libssh2's.
    func reason(_ code: Int32) -> String {
        let message = PrintableText.line(engine.disconnectMessage)
        let text = PrintableText.line(engine.lastError)
        return message.isEmpty ? "libssh2 \(code): \(text)" : "the host said: \(message)"
    }
}

extension TransportError.Phase {
    /// The phase in words.
    var words: String {
        switch self {
        case .resolve: "resolving its name"
        case .connect: "connecting"
        case .banner: "the SSH greeting"
        case .keyExchange: "the key exchange"
        case .hostKey: "the host key check"
        case .authenticate: "the login"
        case .open: "opening a channel"
        case .command: "the command"
        case .close: "closing the command"
        }
    }
}

/// Turns a name into addresses, with the system's resolver.
enum Resolver {
    /// Why a name has no address.
    struct Failure: Error, CustomStringConvertible { let description: String }

    /// All addresses in the system's order; blocks, so it runs on a thread that may.
    static func addresses(of name: String, port: Int) throws -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_protocol = Int32(IPPROTO_TCP)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(name, String(port), &hints, &list)
        guard code == 0 else { throw Failure(description: String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            let raw = UnsafeRawPointer(entry.ai_addr)
            if entry.ai_family == AF_INET, let raw {
                addresses.append(SocketAddress(raw.load(as: sockaddr_in.self), host: name))
            } else if entry.ai_family == AF_INET6, let raw {
                addresses.append(SocketAddress(raw.load(as: sockaddr_in6.self), host: name))
            }
            next = entry.ai_next
        }
        guard !addresses.isEmpty else { throw Failure(description: "no address") }
        return addresses
    }
}
