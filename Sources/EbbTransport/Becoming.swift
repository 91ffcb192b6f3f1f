package import EbbModel

extension CommandRequest {
    /// The same request, run as another user.
    ///
    /// Never asks on a terminal: without a password the program must allow it (`-n`); with one it
    /// travels on standard input, so that it shows in no process list.
    package func becoming(_ become: Become?) -> CommandRequest {
        guard let become else { return self }
        var request = self
        let command = [command.program] + command.arguments
        switch (become.method, become.password) {
        case (.sudo, let password?):
            let question = PasswordQuestion(secret: password)
            let start = "printf %s \(question.started) >&2; \(self.command.shellExecution)"
            request.command = RemoteCommand(
                "sudo",
                arguments: ["-S", "-p", question.prompt, "-H", "-u", become.user, "--", "sh", "-c", start, "sh"]
                    + command)
            request.question = question
        case (.sudo, nil):
            request.command = RemoteCommand("sudo", arguments: ["-n", "-H", "-u", become.user, "--"] + command)
        case (.doas, _): request.command = RemoteCommand("doas", arguments: ["-n", "-u", become.user, "--"] + command)
        }
        return request
    }
}

extension CommandOutput {
    /// The error that a host's `sudo` or `doas` reported instead of running the command.
    ///
    /// Only a command that failed without any output of its own is looked at, so that a command
    /// that merely prints such a text is never taken for one. `nil` where the command ran.
    package func becomeProblem(_ become: Become?, host: HostName) -> TransportError? {
        guard let become, case .exited(let status) = end, status != 0, standardOutput.isEmpty else { return nil }
        let text = String(decoding: standardError.prefix(2000), as: UTF8.self)
        let program = become.method.rawValue
        let lines = text.split(separator: "\n")
        guard lines.contains(where: { $0.contains(program) || $0.hasPrefix("Sorry, try again") }) else { return nil }
        let table: [(String, String)] = [
            ("a password is required", "it wants a password: set ansible_become_password, or allow"),
            ("a terminal is required", "it wants a password: set ansible_become_password, or allow"),
            (
                "Authorization required",
                "it wants a password, which doas only reads from a terminal:" + " allow it without one ('nopass') for"
            ), ("must have a tty", "it wants a terminal: remove 'requiretty' from sudoers for"),
            ("incorrect password", "it refused the password of"), ("try again", "it refused the password of"),
            ("not in the sudoers file", "sudoers does not name"),
            ("not allowed to execute", "sudoers does not allow the command for"),
            ("Operation not permitted", "doas.conf does not allow the command for"),
            ("not found", "it is not installed on the host, for"),
            ("No such file", "it is not installed on the host, for"),
        ]
        guard let cure = table.first(where: { text.contains($0.0) })?.1 else { return nil }
        return TransportError(
            .becomeFailed, phase: .command, host: host, "\(program) did not run the command: \(cure) the login user.")
    }
}

/// A password that a command may ask for on standard error before it starts.
///
/// Nobody on the host can guess the words beforehand, so no other prompt gets the password. They end with a
/// character that no unguessable word has: a transport that holds back what may be the beginning of a word of
/// its own would else wait for more, and so would the host.
package struct PasswordQuestion: Sendable, Hashable {
    /// The prompt behind which the password is sent.
    package let prompt = RemoteCommand.unguessableWord() + ":"
    /// Behind this word the command has started: its input follows.
    package let started = RemoteCommand.unguessableWord() + ":"
    fileprivate let secret: Secret
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
