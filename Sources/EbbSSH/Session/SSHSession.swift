import CLibSSH2
import EbbModel
import EbbTransport
import NIOCore

/// One SSH session, confined to one event loop: the only place that enters libssh2.
///
/// libssh2 only ever waits for input. What cannot go on without is parked in `until`, and tried again
/// by whatever arrives, with no task in between; a deadline or a cancellation ends the whole session,
/// because a state machine of libssh2 cannot be left half way.
actor SSHSession {
    let host: HostName
    let loop: SocketLoop
    let engine: SSHEngine
    /// Where the session is in its life: named in errors.
    var phase = TransportError.Phase.resolve
    /// Why the session ended, if it ended badly; everything after it fails the same way.
    private(set) var failure: TransportError?
    private(set) var isClosed = false
    /// What broke the carrier, where that is known.
    private(set) var carrierError: (any Error)?
    /// Called on every arrival, for the channels of this session that carry other sessions.
    var tunnels: [ObjectIdentifier: TunnelCarrier] = [:]
    /// Channels of tunnels that have ended, until their peer knows it.
    var closing: [SSHEngine.Channel] = []
    /// One command at a time, and one channel being opened at a time.
    var commands = Turn()
    var opening = Turn()
    /// How far the login came.
    var login = KeyLogin()
    /// A channel that was opened for the next command.
    var ahead: SSHEngine.Channel?
    /// Whether the host sent its greeting; it may come before anybody waits for it.
    private(set) var hasGreeted = false
    /// The peer's first bytes: what it offers, for the error message if the key exchange fails.
    var greeting: [UInt8] = []
    /// When the peer was last heard.
    var lastArrival = NIODeadline.now()
    /// When the peer is asked next whether it is there.
    var nextKeepAlive: LoopTimers.Ticket?
    let keepAlive: KeepAlive
    /// Whether the socket is read before anybody asks; not under a tunnel, which has to be asked.
    let readsAhead: Bool
    private var carrier: (any Carrier)?
    /// What waits for input, in order: each is tried again until it answers that it is over.
    private var parked: [() -> Bool] = []
    /// How often `wake` was called.
    private var wakes = 0
    private var isRetrying = false
    private var isRetryWanted = false

    nonisolated let executor: SessionExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(host: HostName, loop: SocketLoop, keepAlive: KeepAlive = KeepAlive(), readsAhead: Bool = true)
        throws(TransportError)
    {
        if let refusal = SSHLibrary.linked.refusal {
            throw TransportError(.controllerFailed, phase: .resolve, host: host, refusal)
        }
        guard let engine = SSHEngine() else {
            throw TransportError(.controllerFailed, phase: .resolve, host: host, "libssh2 could not make a session.")
        }
        (self.host, self.loop) = (host, loop)
        executor = SessionExecutor(loop)
        (self.keepAlive, self.readsAhead, self.engine) = (keepAlive, readsAhead, engine)
    }

    // MARK: - Waiting

    /// Tries until there is a value: now, and again whenever input arrives, there is room for more output,
    /// or an event outside the session happens.
    func until<Value: Sendable>(_ attempt: @escaping () throws(TransportError) -> Value?) async throws(TransportError)
        -> Value
    {
        let seen = wakes
        if let value = try step(attempt) { return value }
        let result: Result<Value, TransportError> = await withCheckedContinuation { waiter in
            let retry = { [self] in
                do throws(TransportError) {
                    guard let value = try step(attempt) else { return false }
                    waiter.resume(returning: .success(value))
                } catch { waiter.resume(returning: .failure(error)) }
                return true
            }
            // The task may have been queued before it got here, and its event have happened by then.
            if wakes != seen, retry() { return }
            parked.append(retry)
            carrier?.requestInput()
        }
        return try result.get()
    }

    private func step<Value>(_ attempt: () throws(TransportError) -> Value?) throws(TransportError) -> Value? {
        try check()
        // Output is sent before anybody waits: often the next step adds more to it.
        if let value = try attempt() { return value }
        flush()
        return nil
    }

    /// Repeats a call of libssh2 until it answers other than EAGAIN.
    func perform(_ attempt: @escaping (SSHEngine) -> Int32) async throws(TransportError) -> Int32 {
        try await until { () throws(TransportError) in
            let code = attempt(self.engine)
            return code == LIBSSH2_ERROR_EAGAIN ? nil : code
        }
    }

    /// Throws what ended the session.
    func check() throws(TransportError) {
        if let failure { throw failure }
        if isClosed { throw problem(.connectionLost, "The connection is closed.") }
    }

    /// Why nothing will come of the host any more; nil while something may.
    var connectionEnd: TransportError? {
        if let failure { return failure }
        guard engine.inputEnded else { return nil }
        return carrierError as? TransportError
            ?? problem(.connectionLost, "The connection was lost.", cause: carrierError)
    }

    /// Sends what libssh2 wants to send.
    func flush() {
        guard let carrier else { return }
        engine.giveOutput { carrier.send($0) }
    }

    /// Sends bytes that libssh2 did not make.
    func send(_ bytes: [UInt8]) { bytes.withUnsafeBytes { carrier?.send($0) } }

    /// Whether the carrier wants more bytes now.
    var isWritable: Bool { carrier?.isWritable ?? false }

    /// Lets everyone who waits try again.
    func wake() {
        wakes += 1
        for tunnel in tunnels.values { tunnel.pump() }
        freeClosed()
        // What is sent can break the carrier, which wakes again.
        isRetryWanted = true
        guard !isRetrying else { return }
        isRetrying = true
        defer { isRetrying = false }
        while isRetryWanted {
            isRetryWanted = false
            var next = 0
            while next < parked.count {
                let attempt = parked[next]
                if attempt() { parked.remove(at: next) } else { next += 1 }
            }
        }
        if !parked.isEmpty { carrier?.requestInput() }
    }

    /// Asks for input on behalf of a tunnel.
    func requestInput() { carrier?.requestInput() }

    /// What the key exchange agreed on.
    var algorithms: ChosenAlgorithms {
        var chosen = ChosenAlgorithms(client: "libssh2 \(SSHLibrary.linked.version)")
        chosen.keyExchange = engine.chosen(.keyExchange)
        chosen.hostKey = engine.chosen(.hostKey)
        chosen.cipher = engine.chosen(.cipher)
        chosen.mac = engine.chosen(.mac)
        return chosen
    }

    // MARK: - The carrier's side

    /// The socket, where that is the carrier.
    var socket: SocketCarrier? { carrier as? SocketCarrier }

    /// Takes a socket as the carrier, on the loop that both belong to.
    func attach(_ socket: SocketCarrier) { carrier = socket }

    /// Takes a channel of another session as the carrier, unless this session is over by now.
    func attach(_ tunnel: TunnelCarrier) { if failure != nil || isClosed { tunnel.close() } else { carrier = tunnel } }

    func detach() { carrier = nil }

    /// Takes what a socket has read into its loop's room.
    func receiveRead(_ count: Int) { receive(UnsafeRawBufferPointer(rebasing: loop.poller.scratch[..<count])) }

    func receive(_ bytes: UnsafeRawBufferPointer) {
        lastArrival = .now()
        if !hasGreeted { noteBanner(bytes) }
        if phase.isBeforeCommand, greeting.count < 8 << 10 { greeting += bytes.prefix(8 << 10) }
        engine.receive(bytes)
        if engine.input.readableBytes > Self.maxUnread {
            fail(problem(.connectionLost, "The host sends more than it is allowed to."))
        } else {
            wake()
        }
    }

    /// More unread bytes than all windows of a session that keeps to the protocol.
    private static let maxUnread = 8 << 20

    func endOfInput(cause: (any Error)? = nil) {
        carrierError = carrierError ?? cause
        engine.endInput(discarding: false)
        wake()
    }

    // MARK: - The end

    /// Ends the session; all its users get this error.
    func fail(_ error: TransportError) {
        guard failure == nil, !isClosed else { return }
        failure = error
        end()
    }

    /// Disconnects and closes a session that nothing is wrong with.
    func close() {
        guard !isClosed else { return }
        if failure == nil, !phase.isBeforeCommand {
            libssh2_session_disconnect_ex(engine.session, SSH_DISCONNECT_BY_APPLICATION, "", "")
            flush()
        }
        isClosed = true
        end()
        engine.free()
    }

    private func end() {
        engine.endInput(discarding: true)
        carrier?.close()
        carrier = nil
        for tunnel in tunnels.values { tunnel.end(cause: failure) }
        tunnels = [:]
        // The engine frees every channel with the session.
        closing = []
        wake()
    }

    /// Runs `body`, and ends the session if the task is cancelled while it runs.
    func endingOnCancellation<Value>(_ body: () async throws(TransportError) -> Value) async throws(TransportError)
        -> Value
    {
        let session = self
        let result: Result<Value, TransportError> = await withTaskCancellationHandler {
            do throws(TransportError) { return .success(try await body()) } catch { return .failure(error) }
        } onCancel: {
            session.loop.execute { session.assumeIsolated { $0.fail($0.problem(.cancelled, "Cancelled.")) } }
        }
        return try result.get()
    }

    /// The banner has arrived once a line starts with `SSH-`; a server may greet before it.
    private func noteBanner(_ text: UnsafeRawBufferPointer) {
        if text.starts(with: Array("SSH-".utf8)) || text.contains(UInt8(ascii: "\n")) {
            hasGreeted = true
            if phase == .banner { phase = .keyExchange }
        }
    }
}

extension SSHSession {
    /// Has something done to the session at a moment, unless it is cancelled before.
    ///
    /// Whoever schedules it cancels it: the loop keeps the session until then.
    func schedule(_ moment: NIODeadline, _ action: @escaping @Sendable (isolated SSHSession) -> Void)
        -> LoopTimers.Ticket
    { loop.poller.timers.schedule(moment) { self.assumeIsolated { action($0) } } }

    /// Takes back what was to happen; nothing happens where it has.
    func cancel(_ ticket: LoopTimers.Ticket) { loop.poller.timers.cancel(ticket) }
}

/// Lets callers pass one after another, in the order in which they came.
///
/// A value of an actor: the actor's confinement is what protects it.
struct Turn {
    private var isTaken = false
    private var queue: [CheckedContinuation<Void, Never>] = []

    /// Whether the caller may go at once; the turn is then taken.
    mutating func takeIfFree() -> Bool {
        guard !isTaken else { return false }
        isTaken = true
        return true
    }

    /// Queues a caller; where the turn has become free by now, the caller gets it at once.
    mutating func enqueue(_ waiter: CheckedContinuation<Void, Never>) {
        if takeIfFree() { waiter.resume() } else { queue.append(waiter) }
    }

    /// Hands the turn to the next caller, or frees it.
    mutating func pass() {
        guard !queue.isEmpty else {
            isTaken = false
            return
        }
        queue.removeFirst().resume()
    }
}

/// What takes a session's bytes to its peer: a socket, or a channel of another session.
///
/// Used on the session's event loop only.
protocol Carrier: AnyObject {
    /// Whether more bytes should be sent now.
    var isWritable: Bool { get }
    func send(_ bytes: UnsafeRawBufferPointer)
    /// Asks for bytes of the peer; each request brings some, or the end.
    func requestInput()
    func close()
}
