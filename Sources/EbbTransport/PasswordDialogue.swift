import EbbModel

/// A password that a command may ask for on standard error before it starts.
///
/// Nobody on the host can guess the words beforehand, so no other prompt gets the password.
package struct PasswordQuestion: Sendable, Hashable {
    /// The prompt behind which the password is sent.
    package let prompt: String
    /// Behind this word the command has started: its input follows.
    package let started: String
    fileprivate let secret: Secret

    init(_ secret: Secret) {
        prompt = RemoteCommand.unguessableWord()
        started = RemoteCommand.unguessableWord()
        self.secret = secret
    }
}

/// Sends a password only where it is asked for, and a command's input only once it has started.
///
/// Where `sudo` asks nothing, a password that was sent all the same would be read by the shell that
/// runs as root. Both words are taken out of standard error.
package struct PasswordDialogue: Sendable {
    /// What to do after a piece of standard error.
    package struct Step: Sendable {
        /// The command's own standard error.
        package var text: [UInt8] = []
        /// What to send to standard input.
        package var input: [UInt8] = []
        /// Whether the input ends there.
        package var isInputEnd = false
    }

    private let question: PasswordQuestion
    private let input: [UInt8]
    private var held: [UInt8] = []
    private var hasAnswered = false
    private var hasStarted = false
    /// More than `sudo` writes before its prompt; the rest is not held back.
    private static let maxHeld = 64 << 10

    /// The dialogue of a request; nil for one that needs no password.
    package init?(_ request: CommandRequest) {
        guard let question = request.question else { return nil }
        self.question = question
        input = request.input
    }

    /// Takes bytes of standard error.
    package mutating func take(_ bytes: [UInt8]) -> Step {
        var step = Step()
        guard !hasStarted else {
            step.text = bytes
            return step
        }
        held += bytes
        while let range = held.firstRange(of: question.prompt.utf8) {
            held.removeSubrange(range)
            // Asked again, the password was wrong; more guesses would only lock the account.
            if hasAnswered { step.isInputEnd = true }
            if !hasAnswered { step.input = Array(question.secret.reveal().utf8) + [0x0A] }
            hasAnswered = true
        }
        if let range = held.firstRange(of: question.started.utf8) {
            held.removeSubrange(range)
            hasStarted = true
            step.input += input
            step.isInputEnd = true
        }
        if hasStarted || held.count > Self.maxHeld { step.text = finish() }
        return step
    }

    /// What is still held back, once nothing more comes.
    package mutating func finish() -> [UInt8] {
        defer { held = [] }
        return held
    }
}
