import CLibSSH2
import EbbModel
import EbbTransport
import NIOCore

extension SSHSession {
    /// Bytes of a command's output that the host may send before it hears that they were read.
    ///
    /// As much as OpenSSH allows, so that a busy machine does not stall a stream. They are read as
    /// they arrive, so that thousands of commands do not hold as many windows.
    private static let window: UInt32 = 2 << 20
    /// What is read or written at once.
    private static let pieceSize = 32 << 10

    /// Runs one command; see `Connection.stream`.
    func run(_ request: CommandRequest, receive: @escaping @Sendable (OutputChunk) -> Void) async throws(TransportError)
        -> CommandEnd
    {
        try await endingOnCancellation { () async throws(TransportError) in
            if !commands.takeIfFree() { await withCheckedContinuation { commands.enqueue($0) } }
            defer { commands.pass() }
            do throws(TransportError) { return try await command(request, receive) } catch {
                fail(error)
                throw error
            }
        }
    }

    private func command(_ request: CommandRequest, _ receive: @escaping @Sendable (OutputChunk) -> Void)
        async throws(TransportError) -> CommandEnd
    {
        try check()
        phase = .open
        let watchdog = schedule(.now() + TimeAmount(request.timeout)) {
            $0.fail($0.problem(.commandTimedOut, "The command did not end within \(request.timeout)."))
        }
        startKeepAlive()
        defer {
            cancel(watchdog)
            stopKeepAlive()
        }
        if ahead == nil, !opening.takeIfFree() { await withCheckedContinuation { opening.enqueue($0) } }
        let work = Work(channel: ahead, request)
        ahead = nil
        defer {
            if let channel = work.channel { engine.free(channel) }
            if work.isOpening { opening.pass() }
        }
        return try await until { () throws(TransportError) in try self.advance(work, receive) }
    }

    /// A command on its way.
    private final class Work {
        var channel: SSHEngine.Channel?
        /// Whether the turn to open a channel is held.
        var isOpening: Bool
        let line: String
        /// What was not sent yet.
        var input: ArraySlice<UInt8>
        /// Whether the input ends behind `input`.
        var isInputWhole: Bool
        var isInputEnded = false
        /// Decides on the rest of the input where a password may be asked for.
        var dialogue: PasswordDialogue?

        /// A command in a channel, or in one that is still to be opened.
        init(channel: SSHEngine.Channel?, _ request: CommandRequest) {
            self.channel = channel
            isOpening = channel == nil
            line = request.command.shellLine
            dialogue = PasswordDialogue(request)
            isInputWhole = dialogue == nil
            input = isInputWhole ? request.allInput[...] : request.preamble[...]
        }

        /// Takes a piece of standard error, and gives back what is the command's own.
        func hear(_ bytes: [UInt8]) -> [UInt8] {
            guard let step = dialogue?.take(bytes) else { return bytes }
            input += step.input
            isInputWhole = isInputWhole || step.isInputEnd
            return step.text
        }
    }

    /// Advances a command as far as the input allows; returns how it ended, once it has.
    private func advance(_ work: Work, _ receive: (OutputChunk) -> Void) throws(TransportError) -> CommandEnd? {
        if work.channel == nil { work.channel = try openedChannel() }
        guard let channel = work.channel else { return nil }
        if work.isOpening {
            work.isOpening = false
            opening.pass()
        }
        if phase == .open {
            let code = libssh2_channel_process_startup(
                channel.pointer, "exec", 4, work.line, UInt32(work.line.utf8.count))
            if code == LIBSSH2_ERROR_EAGAIN { return nil }
            guard code == 0 else { throw commandError(code, "refused to start the command") }
            phase = .command
        }
        if phase == .command {
            guard try exchange(work, in: channel, receive) else { return nil }
            phase = .close
        }
        // The peer closes first: a close of ours could overtake the command's last words.
        let code = libssh2_channel_wait_closed(channel.pointer)
        if code == LIBSSH2_ERROR_EAGAIN { return nil }
        guard code == 0 else { throw commandError(code, "failed while the command was closed") }
        return try end(of: channel)
    }

    /// Opens the channel of the next command; libssh2 can open one at a time.
    func openAhead() async throws(TransportError) {
        if !opening.takeIfFree() { await withCheckedContinuation { opening.enqueue($0) } }
        defer { opening.pass() }
        try await until { () throws(TransportError) in
            self.ahead = try self.openedChannel()
            return self.ahead.map { _ in }
        }
    }

    /// A session channel once the host has opened it; the caller holds the turn to open one.
    private func openedChannel() throws(TransportError) -> SSHEngine.Channel? {
        let pointer = libssh2_channel_open_ex(engine.session, "session", 7, Self.window, UInt32(Self.pieceSize), nil, 0)
        if let pointer { return SSHEngine.Channel(pointer: pointer, number: engine.numberOfNextChannel()) }
        let code = libssh2_session_last_errno(engine.session)
        if code == LIBSSH2_ERROR_EAGAIN { return nil }
        // It had taken a number all the same.
        _ = engine.numberOfNextChannel()
        throw commandError(code, "refused to open a channel")
    }

    /// Sends input and reads both streams as far as possible; returns whether the peer ended them.
    private func exchange(_ work: Work, in channel: SSHEngine.Channel, _ receive: (OutputChunk) -> Void)
        throws(TransportError) -> Bool
    {
        var moved = true
        while moved {
            moved = false
            if !work.isInputEnded, isWritable { moved = try write(work, to: channel) }
            for stream in Int32(0)...1 {
                while let bytes = try read(stream, of: channel) {
                    moved = true
                    if stream == 0 {
                        receive(.standardOutput(bytes))
                    } else {
                        let text = work.hear(bytes)
                        if !text.isEmpty { receive(.standardError(text)) }
                    }
                }
            }
            flush()
            if libssh2_channel_eof(channel.pointer) == 1 {
                let rest = work.dialogue?.finish() ?? []
                if !rest.isEmpty { receive(.standardError(rest)) }
                return true
            }
            try check()
        }
        return false
    }

    /// Writes one piece, or the end of the input; returns whether anything moved.
    private func write(_ work: Work, to channel: SSHEngine.Channel) throws(TransportError) -> Bool {
        if work.input.isEmpty {
            guard work.isInputWhole else { return false }
            let code = libssh2_channel_send_eof(channel.pointer)
            if code == LIBSSH2_ERROR_EAGAIN { return false }
            // A command that never reads may have closed its input; its exit status is what counts.
            work.isInputEnded = true
            return true
        }
        let count = work.input.prefix(Self.pieceSize).withUnsafeBytes { bytes in
            libssh2_channel_write_ex(
                channel.pointer, 0, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        switch count {
        case Int(LIBSSH2_ERROR_EAGAIN), 0: return false
        case 0...: work.input = work.input.dropFirst(count)
        case Int(LIBSSH2_ERROR_CHANNEL_CLOSED), Int(LIBSSH2_ERROR_CHANNEL_EOF_SENT): work.isInputEnded = true
        default: throw commandError(Int32(clamping: count), "failed while input was sent")
        }
        return true
    }

    /// Reads one piece of a stream; nil when none has arrived.
    private func read(_ stream: Int32, of channel: SSHEngine.Channel) throws(TransportError) -> [UInt8]? {
        let room = loop.poller.scratch
        let code = libssh2_channel_read_ex(
            channel.pointer, stream, room.baseAddress?.assumingMemoryBound(to: CChar.self),
            min(room.count, Self.pieceSize))
        if code > 0 { return Array(room[..<code]) }
        if code == 0 || code == Int(LIBSSH2_ERROR_EAGAIN) { return nil }
        throw commandError(Int32(clamping: code), "failed while output was read")
    }

    /// How the command ended: only what the peer said after closing, never a default.
    private func end(of channel: SSHEngine.Channel) throws(TransportError) -> CommandEnd {
        if let signal = exitSignal(of: channel) { return .signalled(signal) }
        guard engine.hasExitStatus(channel) else {
            throw problem(.connectionLost, "The host closed the command without saying how it ended.")
        }
        return .exited(libssh2_channel_get_exit_status(channel.pointer))
    }

    private func exitSignal(of channel: SSHEngine.Channel) -> String? {
        var name: UnsafeMutablePointer<CChar>?
        var length = 0
        let code = libssh2_channel_get_exit_signal(channel.pointer, &name, &length, nil, nil, nil, nil)
        guard code == 0, let name else { return nil }
        defer { libssh2_free(engine.session, name) }
        let bytes = UnsafeRawBufferPointer(start: name, count: min(length, 64))
        return PrintableText.line(bytes)
    }

    private func commandError(_ code: Int32, _ what: String) -> TransportError {
        switch code {
        case LIBSSH2_ERROR_CHANNEL_FAILURE, LIBSSH2_ERROR_CHANNEL_REQUEST_DENIED:
            problem(.channelRefused, "The host \(what).")
        default: brokenOff(.connectionLost, "The connection was lost: it \(what)", code)
        }
    }
}

/// How a peer that fell silent is noticed before a command's own time is over.
package struct KeepAlive: Sendable, Hashable {
    /// How often the peer is asked whether it is there.
    package var interval: Duration = .seconds(15)
    /// How long nothing may arrive, although the peer was asked.
    package var timeout: Duration = .seconds(45)
}

extension SSHSession {
    /// Asks the peer regularly whether it is there; libssh2 asks, and cares about no answer.
    func startKeepAlive() {
        let seconds = max(2, keepAlive.interval.components.seconds)
        libssh2_keepalive_config(engine.session, 1, UInt32(clamping: seconds))
        lastArrival = .now()
        awaitKeepAlive()
    }

    /// Asks no more.
    func stopKeepAlive() { if let nextKeepAlive { cancel(nextKeepAlive) } }

    private func awaitKeepAlive() {
        nextKeepAlive = schedule(.now() + TimeAmount(keepAlive.interval)) { $0.sendKeepAlive() }
    }

    private func sendKeepAlive() {
        guard failure == nil, !isClosed else { return }
        if lastArrival + TimeAmount(keepAlive.timeout) < .now() {
            return fail(problem(.connectionLost, "The host has not answered for \(keepAlive.timeout)."))
        }
        var next: Int32 = 0
        libssh2_keepalive_send(engine.session, &next)
        flush()
        if failure == nil, !isClosed { awaitKeepAlive() }
    }
}
