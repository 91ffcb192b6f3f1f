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

/// Proves how a command ended, which the `ssh` program alone does not.
///
/// Its exit status 255 means "exited with 255", "killed" and "connection lost" alike. So a shell on
/// the host writes two marks to standard error, behind a word that nobody can guess: one before the
/// command, one with its status after it. Both are taken out of the output again.
struct CommandFrame {
    /// What was found in a piece of standard error.
    struct Found {
        var text: [UInt8] = []
        var hasStarted = false
        var status: Int32?
    }

    private let word: [UInt8]
    private var held: [UInt8] = []
    /// More bytes than any mark has.
    private static let longest = 64
    /// More bytes than a status and its end have.
    private static let maxStatus = 12

    init(word: String = RemoteCommand.unguessableWord()) { self.word = Array(word.utf8) }

    /// The command line that writes both marks around a command.
    func line(for command: RemoteCommand) -> String {
        let word = String(decoding: word, as: UTF8.self)
        let script = """
            printf %s, \(word) >&2; \(command.shellLine); ebb=$?; printf %s%s. \(word) "$ebb" >&2
            """
        return "sh -c " + RemoteCommand.quoted(script)
    }

    /// Takes bytes of standard error, and gives back what certainly is the command's own.
    mutating func take(_ bytes: [UInt8]) -> Found {
        held += bytes
        var found = Found()
        while let place = held.firstRange(of: word) {
            let after = held[place.upperBound...]
            guard let end = after.prefix(Self.maxStatus).firstIndex(where: { $0 == 0x2C || $0 == 0x2E }) else { break }
            found.text += held[..<place.lowerBound]
            if held[end] == 0x2C {
                found.hasStarted = true
            } else {
                found.status = Int32(String(decoding: after[..<end], as: UTF8.self))
            }
            held.removeFirst(end + 1)
        }
        let kept = held.indices.suffix(Self.longest).first { mayBeMark(held[$0...]) }
        let sure = kept ?? held.endIndex
        found.text += held.prefix(sure)
        held.removeFirst(sure)
        return found
    }

    /// Whether bytes at the end of a piece may be the beginning of a mark.
    private func mayBeMark(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.count < word.count
            ? word.starts(with: bytes) : bytes.count < word.count + Self.maxStatus && bytes.starts(with: word)
    }

    /// The rest, once nothing more comes.
    mutating func finish() -> [UInt8] {
        defer { held = [] }
        return held
    }

    /// What a shell's `$?` means; above 128 it is a signal, in every shell.
    static func end(status: Int32) -> CommandEnd {
        let names: [Int32: String] = [
            1: "HUP", 2: "INT", 3: "QUIT", 4: "ILL", 5: "TRAP", 6: "ABRT", 7: "BUS", 8: "FPE", 9: "KILL", 10: "USR1",
            11: "SEGV", 12: "USR2", 13: "PIPE", 14: "ALRM", 15: "TERM",
        ]
        return names[status - 128].map { .signalled($0) } ?? .exited(status)
    }
}
