import EbbModel
import EbbTransport
import NIOConcurrencyHelpers

/// Follows a command by its frame, and hands its output on, one piece at a time.
final class CommandProgress: Sendable {
    private struct State {
        var frame: CommandFrame
        var dialogue: PasswordDialogue?
        var isExpired = false
        /// Both streams came to their end by themselves: nothing of the output is missing.
        var hasEnded = false
        var hasStarted = false
        var status: Int32?
        /// The end of standard error before the command started: the reason, if it never does.
        var preamble: [UInt8] = []

        /// Notes what was found, and gives back what is the command's own.
        mutating func note(_ found: CommandFrame.Found) -> [UInt8] {
            status = found.status ?? status
            if hasStarted { return found.text }
            hasStarted = found.hasStarted
            if hasStarted { return found.text }
            preamble = Array((preamble + found.text).suffix(400))
            return []
        }
    }

    private let state: NIOLockedValueBox<State>
    private let input: AsyncStream<[UInt8]>.Continuation
    private let receive: @Sendable (OutputChunk) -> Void

    /// Sends `input` what the command is to read.
    init(
        _ request: CommandRequest, frame: CommandFrame, input: AsyncStream<[UInt8]>.Continuation,
        receive: @escaping @Sendable (OutputChunk) -> Void
    ) {
        let dialogue = PasswordDialogue(request)
        state = NIOLockedValueBox(State(frame: frame, dialogue: dialogue))
        (self.input, self.receive) = (input, receive)
        input.yield(dialogue == nil ? request.allInput : request.preamble)
        if dialogue == nil { input.finish() }
    }

    /// Hands on a piece of standard output.
    func takeOutput(_ bytes: [UInt8]) { state.withLockedValue { _ in receive(.standardOutput(bytes)) } }

    /// Hands on what the command itself wrote to standard error.
    func takeError(_ bytes: [UInt8]) {
        state.withLockedValue { state in
            var text = state.note(state.frame.take(bytes))
            if let step = state.dialogue?.take(text) {
                text = step.text
                if !step.input.isEmpty { input.yield(step.input) }
                if step.isInputEnd { input.finish() }
            }
            if !text.isEmpty { receive(.standardError(text)) }
        }
    }

    /// The time is over; that no longer matters where the output has ended.
    func expire() { state.withLockedValue { $0.isExpired = !$0.hasEnded } }

    /// Both streams have ended: by themselves, unless the time was over before.
    func finish() { state.withLockedValue { $0.hasEnded = !$0.isExpired } }

    /// The proven end once both streams ended, or why there is none.
    func end(of request: CommandRequest, host: HostName, isCancelled: Bool) throws(TransportError) -> CommandEnd {
        let state = state.withLockedValue { state in
            var rest = state.note(CommandFrame.Found(text: state.frame.finish()))
            if let step = state.dialogue?.take(rest) { rest = step.text + (state.dialogue?.finish() ?? []) }
            if !rest.isEmpty { receive(.standardError(rest)) }
            return state
        }
        // A status alone is not the end: some output may still be on its way.
        if let status = state.status, state.hasEnded { return CommandFrame.end(status: status) }
        let phase: TransportError.Phase = state.status != nil ? .close : state.hasStarted ? .command : .open
        if isCancelled { throw TransportError(.cancelled, phase: phase, host: host, "Cancelled.") }
        if state.isExpired {
            throw TransportError(
                .commandTimedOut, phase: phase, host: host, "The command did not end within \(request.timeout).")
        }
        guard state.hasStarted else {
            throw TransportError(
                .connectionLost, phase: phase, host: host,
                "The command did not start: \(PrintableText.line(state.preamble)).")
        }
        throw TransportError(
            .connectionLost, phase: phase, host: host, "The connection was lost before the command ended.")
    }
}
