import CLibSSH2
import EbbModel
import EbbTransport

/// A key that can sign for a login.
struct Identity: Sendable {
    /// The key blob that is offered.
    let publicKey: [UInt8]
    /// Where it comes from, for messages.
    let source: String
    /// Makes the signature alone, without the name of its algorithm.
    let sign: @Sendable ([UInt8]) async throws -> [UInt8]
}

extension SSHSession {
    /// Logs in with the first identity that the host accepts.
    func logIn(user: String, identities: [Identity]) async throws(TransportError) {
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
        let tried = refused.joined(separator: ", ")
        throw TransportError(
            .authenticationFailed, phase: .authenticate, host: host,
            """
            The host accepts none of the keys for \(PrintableText.line(user)): \
            \(PrintableText.line(tried)).
            """)
    }

    private func offer(_ identity: Identity, user: String) async throws(TransportError) -> Int32 {
        while true {
            try check()
            let code = engine.authenticate(user: user, publicKey: identity.publicKey)
            flush()
            guard code == LIBSSH2_ERROR_EAGAIN else { return code }
            guard let data = engine.dataToSign else {
                try await progress()
                continue
            }
            do {
                engine.sign(with: try await identity.sign(data))
            } catch {
                throw TransportError(
                    .identityUnusable, phase: .authenticate, host: host,
                    "\(PrintableText.line(identity.source)) could not sign: \(error).",
                    cause: error)
            }
        }
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
