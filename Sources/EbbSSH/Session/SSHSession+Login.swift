import CLibSSH2
import EbbModel
import EbbTransport

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
                case .file(let key): engine.sign(with: try signature(of: data, with: key, identity))
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

    private func signature(of data: [UInt8], with key: PrivateKey, _ identity: Identity) throws(TransportError)
        -> [UInt8]
    { do { return try key.signature(for: data) } catch { throw unusable(identity, error) } }

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
}
