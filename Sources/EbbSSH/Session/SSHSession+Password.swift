import CLibSSH2
import EbbModel
import EbbTransport

extension SSHSession {
    /// Logs in with a password, in whichever way the host takes one; it is offered once.
    func logIn(user: String, password: Secret) async throws(TransportError) {
        let methods = try await offeredMethods(user: user)
        if libssh2_userauth_authenticated(engine.session) == 1 { return }
        let code: Int32
        if methods.contains("password") {
            code = try await perform { $0.authenticate(user: user, password: password) }
        } else if methods.contains("keyboard-interactive") {
            engine.passwordForPrompts = password
            defer { engine.passwordForPrompts = nil }
            code = try await perform { $0.authenticateInteractively(user: user) }
        } else {
            throw problem(
                .authenticationFailed,
                """
                The host takes no password from \(PrintableText.line(user)), only: \
                \(methods.isEmpty ? "nothing" : methods.joined(separator: ", ")).
                """)
        }
        switch code {
        case 0: return
        case LIBSSH2_ERROR_AUTHENTICATION_FAILED, LIBSSH2_ERROR_PASSWORD_EXPIRED:
            throw problem(
                .authenticationFailed, passwordRefusal(user, isExpired: code == LIBSSH2_ERROR_PASSWORD_EXPIRED))
        default: throw brokenOff(.connectFailed, "The host hung up during \(phase.words)", code)
        }
    }

    private func passwordRefusal(_ user: String, isExpired: Bool) -> String {
        let user = PrintableText.line(user)
        if isExpired { return "The password of \(user) has expired: change it on the host." }
        guard let prompt = engine.unansweredPrompt else { return "The host refuses the password of \(user)." }
        return """
            The host asks \(user) for more than the password (“\(PrintableText.line(prompt))”): log in \
            with a key.
            """
    }
}

extension SSHEngine {
    /// Offers a password.
    fileprivate func authenticate(user: String, password: Secret) -> Int32 {
        let text = password.reveal()
        return libssh2_userauth_password_ex(session, user, UInt32(user.utf8.count), text, UInt32(text.utf8.count), nil)
    }

    /// Answers what the host asks with `passwordForPrompts`.
    fileprivate func authenticateInteractively(user: String) -> Int32 {
        libssh2_userauth_keyboard_interactive_ex(session, user, UInt32(user.utf8.count), answerPrompts)
    }
}

/// Answers the first question whose answer is not shown with the password, and no other.
private let answerPrompts:
    @convention(c) (
        UnsafePointer<CChar>?, Int32, UnsafePointer<CChar>?, Int32, Int32,
        UnsafePointer<LIBSSH2_USERAUTH_KBDINT_PROMPT>?, UnsafeMutablePointer<LIBSSH2_USERAUTH_KBDINT_RESPONSE>?,
        UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    ) -> Void = { _, _, _, _, count, prompts, responses, abstract in
        guard let prompts, let responses, let engine = SSHEngine.named(by: abstract) else { return }
        for index in 0..<Int(max(0, count)) {
            let prompt = prompts[index]
            let answer = engine.answer(
                to: UnsafeRawBufferPointer(start: prompt.text, count: Int(prompt.length)), isShown: prompt.echo != 0)
            responses[index].text = strdup(answer)
            responses[index].length = UInt32(answer.utf8.count)
        }
    }
