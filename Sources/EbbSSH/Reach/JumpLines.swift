import EbbModel
import EbbTransport
import NIOCore
import Synchronization

/// The sessions to jump hosts, each shared by all hosts behind it that are being talked to.
///
/// A line is one login on each jump host of a path. libssh2 opens one channel at a time in a session,
/// and a jump host may take minutes to find that an address is dead: those who would have to wait
/// behind that get another line, as do those who find a line dead. A line is closed after its last use.
actor JumpLines {
    /// One login on each host of a path.
    final class Line: Sendable {
        let path: [ConnectionSettings]
        let loop: SocketLoop
        let sessions: [SSHSession]

        init(_ path: [ConnectionSettings], loop: SocketLoop) throws(TransportError) {
            var sessions: [SSHSession] = []
            for jump in path { sessions.append(try SSHSession(host: jump.host, loop: loop, readsAhead: false)) }
            (self.path, self.loop, self.sessions) = (path, loop, sessions)
        }
    }

    /// One user's seat on a line.
    final class Seat: Sendable {
        let line: Line
        /// Whether the line was there before its user came.
        private let isShared: Bool
        /// Whether the turn that came with it was used.
        fileprivate let hasOpened = Atomic(false)
        fileprivate let hasLostLine = Atomic(false)

        fileprivate init(_ line: Line, isShared: Bool) { (self.line, self.isShared) = (line, isShared) }

        /// Whether the line turned out to be dead, and another one may not.
        var isWorthAnother: Bool { isShared && hasLostLine.load(ordering: .relaxed) }
    }

    /// How waiting for a line's turn ended.
    private enum Answer: Sendable {
        /// The line is logged in, and the next channel is the caller's.
        case go
        /// A channel takes long to open, or the line is dead: another line is needed.
        case stuck
        case failed(TransportError)
        case cancelled
    }

    private struct Use {
        let line: Line
        var users = 0
        var isReady = false
        /// Whether somebody's channel is being opened.
        var isOpening = false
        var isStuck = false
        /// Whether one of its sessions is over; its other users notice by themselves.
        var isDead = false
        /// Tells a channel that takes long from the ones after it.
        var opened = 0
        var waiting: [(ticket: Int, CheckedContinuation<Answer, Never>)] = []
    }

    /// How long others wait for one channel to open.
    private static let openTimeout = Duration.seconds(2)

    private let files: RunFiles
    private let nextLoop: @Sendable () -> SocketLoop
    private var uses: [ObjectIdentifier: Use] = [:]
    private var ticket = 0

    init(files: RunFiles, nextLoop: @escaping @Sendable () -> SocketLoop) {
        (self.files, self.nextLoop) = (files, nextLoop)
    }

    /// A seat on a line to the last jump host of the settings; the caller may open a channel now.
    func join(_ settings: ConnectionSettings, deadline: NIODeadline, timeout: Duration) async throws(TransportError)
        -> Seat
    {
        while true {
            let known = shared(settings)
            let line = if let known { known } else { try started(settings, deadline, timeout) }
            let id = ObjectIdentifier(line)
            uses[id]?.users += 1
            switch await turn(on: id) {
            case .go: return Seat(line, isShared: known != nil)
            case .stuck: await leave(id)
            case .cancelled:
                await leave(id)
                throw TransportError(.cancelled, phase: .connect, host: settings.host, "Cancelled.")
            case .failed(let error):
                await leave(id)
                throw TransportError(
                    error.code, phase: error.phase, host: settings.host, SSHSession.jumpHostMessage(error), cause: error
                )
            }
        }
    }

    /// Opens a channel to the settings' address for a session of the line's loop.
    ///
    /// A session that ends stops waiting; the line finishes opening the channel all the same.
    nonisolated func openChannel(on seat: Seat, to settings: ConnectionSettings, for inner: SSHSession)
        async throws(TransportError)
    {
        let line = seat.line
        guard let outer = line.sessions.last else { return }
        seat.hasOpened.store(true, ordering: .relaxed)
        let opened = line.loop.makePromise(of: Void.self)
        Task(executorPreference: outer.executor.callers) {
            do throws(TransportError) {
                try await outer.openTunnel(to: settings.address, port: settings.port, for: inner)
                opened.succeed()
                await self.end(ObjectIdentifier(line))
            } catch {
                let isLost = await outer.connectionEnd != nil
                seat.hasLostLine.store(isLost, ordering: .relaxed)
                // First, because the seat's user may join again at once.
                await self.end(ObjectIdentifier(line), isDead: isLost)
                opened.fail(error)
            }
        }
        do { try await inner.wait(for: opened.futureResult).get() } catch let error as TransportError {
            let isLost = seat.hasLostLine.load(ordering: .relaxed)
            throw TransportError(
                error.code, phase: .connect, host: settings.host,
                isLost ? SSHSession.jumpHostMessage(error) : error.message, cause: error)
        } catch { throw TransportError(.connectFailed, phase: .connect, host: settings.host, "\(error)", cause: error) }
    }

    /// Gives a seat back.
    func leave(_ seat: Seat) async {
        let id = ObjectIdentifier(seat.line)
        if !seat.hasOpened.load(ordering: .relaxed) { end(id) }
        await leave(id)
    }

    private func leave(_ id: ObjectIdentifier) async {
        uses[id]?.users -= 1
        guard let use = uses[id], use.users == 0 else { return }
        uses[id] = nil
        for session in use.line.sessions.reversed() { await session.close() }
    }

    // MARK: - Lines

    private func shared(_ settings: ConnectionSettings) -> Line? {
        uses.values.filter { $0.line.path == settings.jumps && !$0.isStuck && !$0.isDead }.min {
            $0.waiting.count < $1.waiting.count
        }?.line
    }

    private func started(_ settings: ConnectionSettings, _ deadline: NIODeadline, _ timeout: Duration)
        throws(TransportError) -> Line
    {
        let line = try Line(settings.jumps, loop: nextLoop())
        let id = ObjectIdentifier(line)
        uses[id] = Use(line: line)
        let files = files
        // A task of its own: the first user may give up while others wait.
        Task(executorPreference: LoopExecutor.of(line.loop)) {
            do throws(TransportError) {
                var outer: SSHSession?
                for (session, jump) in zip(line.sessions, line.path) {
                    try await session.establish(
                        jump, through: outer, files: files, deadline: deadline, timeout: timeout)
                    outer = session
                }
                await self.becomeReady(id)
            } catch { await self.fail(id, error) }
        }
        return line
    }

    private func becomeReady(_ id: ObjectIdentifier) {
        uses[id]?.isReady = true
        handOver(id)
    }

    private func fail(_ id: ObjectIdentifier, _ error: TransportError) {
        // Nobody joins it any more; those who wait leave it one by one.
        uses[id]?.isDead = true
        resumeAll(id, .failed(error))
    }

    // MARK: - Turns

    private func turn(on id: ObjectIdentifier) async -> Answer {
        ticket += 1
        let ticket = ticket
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled { return continuation.resume(returning: .cancelled) }
                // The task may have been queued before it got here, and the line be free by now.
                if let turn = turnNow(on: id) { return continuation.resume(returning: turn) }
                uses[id]?.waiting.append((ticket, continuation))
            }
        } onCancel: {
            Task { await self.withdraw(ticket, from: id) }
        }
    }

    /// How waiting would end at once.
    private func turnNow(on id: ObjectIdentifier) -> Answer? {
        guard let use = uses[id], !use.isStuck, !use.isDead else { return .stuck }
        guard use.isReady, !use.isOpening else { return nil }
        begin(id)
        return .go
    }

    private func withdraw(_ ticket: Int, from id: ObjectIdentifier) {
        guard let index = uses[id]?.waiting.firstIndex(where: { $0.ticket == ticket }) else { return }
        uses[id]?.waiting.remove(at: index).1.resume(returning: .cancelled)
    }

    private func begin(_ id: ObjectIdentifier) {
        uses[id]?.isOpening = true
        uses[id]?.opened += 1
        let number = uses[id]?.opened
        Task {
            try? await Task.sleep(for: Self.openTimeout)
            self.giveUp(id, waitingBehind: number)
        }
    }

    private func giveUp(_ id: ObjectIdentifier, waitingBehind number: Int?) {
        guard let use = uses[id], use.isOpening, use.opened == number else { return }
        uses[id]?.isStuck = true
        resumeAll(id, .stuck)
    }

    /// The channel that was being opened is open, or never will be.
    private func end(_ id: ObjectIdentifier, isDead: Bool = false) {
        uses[id]?.isOpening = false
        uses[id]?.isStuck = false
        if isDead {
            uses[id]?.isDead = true
            return resumeAll(id, .stuck)
        }
        handOver(id)
    }

    private func handOver(_ id: ObjectIdentifier) {
        guard let use = uses[id], !use.isOpening, !use.waiting.isEmpty else { return }
        begin(id)
        uses[id]?.waiting.removeFirst().1.resume(returning: .go)
    }

    private func resumeAll(_ id: ObjectIdentifier, _ answer: Answer) {
        let waiting = uses[id]?.waiting ?? []
        uses[id]?.waiting = []
        for waiter in waiting { waiter.1.resume(returning: answer) }
    }
}
