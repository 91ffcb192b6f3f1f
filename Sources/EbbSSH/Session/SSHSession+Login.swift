import CLibSSH2
package import EbbModel
package import EbbTransport
import NIOCore

extension SSHSession {
    /// A login with the first key that the host accepts, on its way.
    struct KeyLogin {
        /// How far it came without waiting for anybody but the host.
        enum Answer: Sendable {
            case loggedIn
            /// The host accepts none of the keys.
            case refused
            /// The host accepts the current key, whose agent has to sign these bytes.
            case wantsSignature([UInt8], of: Identity, by: AgentClient)
        }

        var user = ""
        var identities: [Identity] = []
        fileprivate var current = 0
        fileprivate var refused: [String] = []
    }

    /// Advances the login as far as the input allows.
    func advanceLogin() throws(TransportError) -> KeyLogin.Answer? {
        phase = .authenticate
        while login.current < login.identities.count {
            let identity = login.identities[login.current]
            var code = engine.authenticate(user: login.user, publicKey: identity.publicKey)
            if let data = engine.dataToSign {
                switch identity.signer {
                case .agent(let agent): return .wantsSignature(data, of: identity, by: agent)
                case .file(let key):
                    do { engine.sign(with: try key.signature(for: data)) } catch { throw unusable(identity, error) }
                }
                code = engine.authenticate(user: login.user, publicKey: identity.publicKey)
            }
            switch code {
            case LIBSSH2_ERROR_EAGAIN: return nil
            case 0: return .loggedIn
            // libssh2 returns the same where no answer came.
            case LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED where engine.inputEnded:
                throw loginError(code, refused: login.refused)
            case LIBSSH2_ERROR_AUTHENTICATION_FAILED, LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED, LIBSSH2_ERROR_REQUEST_DENIED:
                login.refused.append(identity.source)
                login.current += 1
            default: throw loginError(code, refused: login.refused)
            }
        }
        return .refused
    }

    /// Finishes the login, with signatures of an agent or with the password if there is one.
    func finishLogin(_ answer: KeyLogin.Answer, password: LoginPassword?) async throws(TransportError) {
        var answer = answer
        while case .wantsSignature(let data, let identity, let agent) = answer {
            engine.sign(with: try await signature(of: data, by: agent, identity))
            answer = try await until { () throws(TransportError) in try self.advanceLogin() }
        }
        if case .refused = answer {
            guard case .given(let secret)? = password else { throw loginRefusal(password) }
            try await logIn(user: login.user, password: secret)
        }
        phase = .open
    }

    private func loginRefusal(_ password: LoginPassword?) -> TransportError {
        let tried = login.refused.joined(separator: ", ")
        let missing = password == nil ? "" : " Nobody could be asked for the password."
        return problem(
            .authenticationFailed,
            """
            The host accepts none of the keys for \(PrintableText.line(login.user)): \
            \(PrintableText.line(tried)).\(missing)
            """)
    }

    private func signature(of data: [UInt8], by agent: AgentClient, _ identity: Identity) async throws(TransportError)
        -> [UInt8]
    {
        let answer = agent.signature(of: data, with: identity.publicKey)
        do { return try await wait(for: answer).get() } catch let error as TransportError { throw error } catch {
            throw unusable(identity, error)
        }
    }

    private func unusable(_ identity: Identity, _ error: any Error) -> TransportError {
        problem(.identityUnusable, "\(PrintableText.line(identity.source)) could not sign: \(error).", cause: error)
    }

    /// The keys to log in with: those of the named files, then the agent's others where allowed.
    func identities(for settings: ConnectionSettings, files: RunFiles) async throws(TransportError) -> [Identity] {
        let named = files.keyFiles(for: settings)
        var offered: [Identity] = []
        var inAgent: [[UInt8]] = []
        let isAgentUseful = !settings.identitiesOnly || named.contains { $0.isOnlyPublic }
        if isAgentUseful, let agent = files.agent {
            phase = .authenticate
            // An agent that cannot be asked is no agent; the files may do.
            inAgent = (try? await wait(for: agent.keys()).get()) ?? []
            try check()
        }
        for file in named {
            switch file.content {
            case .key(let key, let blob):
                offered.append(Identity(publicKey: blob, source: file.path, signer: .file(key)))
            case .publicOnly(let blob, _):
                if let agent = files.agent, inAgent.contains(blob) {
                    offered.append(Identity(publicKey: blob, source: file.path, signer: .agent(agent)))
                }
            case .unusable: break
            }
        }
        if let agent = files.agent, !settings.identitiesOnly {
            let others = inAgent.filter { blob in
                !offered.contains { $0.publicKey == blob } && PrivateKey.isSupported(blob)
            }
            // Servers close the connection after six refused attempts.
            let maxOffers = settings.password == nil ? 5 : 4
            for blob in others.prefix(max(0, maxOffers - offered.count)) {
                let name = HostKey(blob: blob)?.fingerprint ?? "key"
                offered.append(Identity(publicKey: blob, source: "agent key \(name)", signer: .agent(agent)))
            }
        }
        if offered.isEmpty, settings.password == nil { throw files.noIdentity(named, for: settings) }
        return offered
    }

    private func loginError(_ code: Int32, refused: [String]) -> TransportError {
        if refused.isEmpty || carrierError is TransportError {
            return brokenOff(.connectFailed, "The host hung up during \(phase.words)", code)
        }
        return problem(
            .authenticationFailed,
            """
            The host hung up after it refused \(refused.count) keys (\(reason(code))): name the \
            right one with ansible_ssh_private_key_file.
            """, cause: carrierError)
    }

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

extension SSHTransport {
    /// How a host lets the user log in, such as `publickey`; nothing is logged in.
    ///
    /// Asked of the host itself only: a host behind jump hosts needs them logged in first.
    package func loginMethods(of settings: ConnectionSettings, timeout: Duration) async throws(TransportError)
        -> [String]
    {
        try await SSHSession.lent(for: settings.host, on: nextLoop()) { session throws(TransportError) in
            try await session.loginMethods(settings, files: files, timeout: timeout)
        }
    }
}

extension SSHSession {
    /// Connects, checks the host, and asks what it would accept.
    fileprivate func loginMethods(_ settings: ConnectionSettings, files: RunFiles, timeout: Duration)
        async throws(TransportError) -> [String]
    {
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        let watchdog = scheduleEstablished(by: deadline, timeout: timeout)
        defer { cancel(watchdog) }
        let policy = try files.hostKeyPolicy(for: settings)
        try await connect(to: settings, deadline: deadline)
        _ = try await exchangeKeys(policy, of: settings)
        phase = .authenticate
        return try await offeredMethods(user: settings.user)
    }

    /// The methods that the host offers before anything was tried; none where it wants none.
    func offeredMethods(user: String) async throws(TransportError) -> [String] {
        var list: [String] = []
        let code = try await perform { engine in
            let text = libssh2_userauth_list(engine.session, user, UInt32(user.utf8.count))
            if let text {
                list = String(cString: text).split(separator: ",").map(String.init)
                return 0
            }
            return libssh2_userauth_authenticated(engine.session) == 1 ? 0 : libssh2_session_last_errno(engine.session)
        }
        guard code == 0 else { throw brokenOff(.connectFailed, "The host hung up during \(phase.words)", code) }
        return list.map { PrintableText.line($0) }
    }
}
