import CLibSSH2
import EbbModel
import EbbTransport

extension SSHSession {
    /// Logs in with the first identity that the host accepts, else with the password if there is one.
    func logIn(
        user: String, identities: [Identity], password: LoginPassword?
    ) async throws(TransportError) {
        phase = .authenticate
        var refused: [String] = []
        for identity in identities {
            let code = try await offer(identity, user: user)
            switch code {
            case 0:
                phase = .open
                return
            case LIBSSH2_ERROR_AUTHENTICATION_FAILED, LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED,
                LIBSSH2_ERROR_REQUEST_DENIED:
                refused.append(identity.source)
            default: throw loginError(code, refused: refused)
            }
        }
        if case .given(let secret)? = password {
            try await logIn(user: user, password: secret)
            phase = .open
            return
        }
        let tried = refused.joined(separator: ", ")
        let missing = password == nil ? "" : " Nobody could be asked for the password."
        throw TransportError(
            .authenticationFailed, phase: .authenticate, host: host,
            """
            The host accepts none of the keys for \(PrintableText.line(user)): \
            \(PrintableText.line(tried)).\(missing)
            """)
    }

    private func offer(_ identity: Identity, user: String) async throws(TransportError) -> Int32 {
        while true {
            let code = try await perform { engine in
                let code = engine.authenticate(user: user, publicKey: identity.publicKey)
                return engine.dataToSign == nil ? code : Self.wantsSignature
            }
            guard code == Self.wantsSignature, let data = engine.dataToSign else { return code }
            engine.sign(with: try await signature(of: data, by: identity))
        }
    }

    /// No code of libssh2: its errors are negative.
    private static let wantsSignature: Int32 = 1

    private func signature(
        of data: [UInt8], by identity: Identity
    ) async throws(TransportError) -> [UInt8] {
        do {
            switch identity.signer {
            case .file(let key): return try key.signature(for: data)
            case .agent(let agent):
                let answer = agent.signature(of: data, with: identity.publicKey, on: loop)
                return try await wait(for: answer).get()
            }
        } catch let error as TransportError {
            throw error
        } catch {
            throw TransportError(
                .identityUnusable, phase: .authenticate, host: host,
                "\(PrintableText.line(identity.source)) could not sign: \(error).", cause: error)
        }
    }

    /// The keys to log in with: those of the named files, then the agent's others where allowed.
    func identities(
        for settings: ConnectionSettings, files: RunFiles
    ) async throws(TransportError) -> [Identity] {
        let named = files.keyFiles(for: settings)
        var offered: [Identity] = []
        var inAgent: [[UInt8]] = []
        let isAgentUseful = !settings.identitiesOnly || named.contains { $0.isOnlyPublic }
        if isAgentUseful, let agent = files.agent {
            phase = .authenticate
            // An agent that cannot be asked is no agent; the files may do.
            inAgent = (try? await wait(for: agent.keys(on: loop)).get()) ?? []
            try check()
        }
        for file in named {
            switch file.content {
            case .key(let key):
                offered.append(
                    Identity(publicKey: key.publicKey, source: file.path, signer: .file(key)))
            case .publicOnly(let blob, _):
                if let agent = files.agent, inAgent.contains(blob) {
                    offered.append(
                        Identity(publicKey: blob, source: file.path, signer: .agent(agent)))
                }
            case .unusable: break
            }
        }
        if let agent = files.agent, !settings.identitiesOnly {
            let others = inAgent.filter { blob in
                !offered.contains { $0.publicKey == blob } && PrivateKey.isSupported(blob)
            }
            // Servers close the connection after six refused attempts.
            let most = settings.password == nil ? 5 : 4
            for blob in others.prefix(max(0, most - offered.count)) {
                let name = HostKey(blob: blob)?.fingerprint ?? "key"
                offered.append(
                    Identity(publicKey: blob, source: "agent key \(name)", signer: .agent(agent)))
            }
        }
        if offered.isEmpty, settings.password == nil {
            throw files.noIdentity(named, for: settings)
        }
        return offered
    }

    private func loginError(_ code: Int32, refused: [String]) -> TransportError {
        if refused.isEmpty {
            return TransportError(
                .connectFailed, phase: .authenticate, host: host,
                "The host hung up during the login (\(reason(code))).", cause: carrierError)
        }
        return TransportError(
            .authenticationFailed, phase: .authenticate, host: host,
            """
            The host hung up after it refused \(refused.count) keys (\(reason(code))): name the \
            right one with ansible_ssh_private_key_file.
            """, cause: carrierError)
    }
}
