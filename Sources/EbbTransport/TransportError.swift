package import EbbModel

/// Why a host could not be asked, or its answer not be trusted.
package struct TransportError: CausedError, Sendable {
    /// What went wrong; policy is decided on this and nothing else.
    package enum Code: String, Sendable, Codable, CaseIterable {
        case resolveFailed, connectRefused, connectTimedOut, connectFailed
        case bannerTimedOut, keyExchangeFailed, keyExchangeTimedOut
        case hostKeyUnknown, hostKeyMismatch, hostKeyRevoked, hostKeyUnsupported
        case identityUnusable, authenticationFailed, authenticationTimedOut
        case channelRefused, commandTimedOut, connectionLost, cancelled
        case becomeFailed
        /// The machine behind the address is not the one that was recorded.
        case differentMachine
        /// The controller lacks something (a program, a descriptor, a readable file).
        case controllerFailed
    }

    /// The stage in which it happened.
    package enum Phase: String, Sendable, Codable, CaseIterable {
        case resolve, connect, banner, keyExchange, hostKey, authenticate, open, command, close
    }

    package let code: Code
    package let phase: Phase
    package let host: HostName
    /// One sentence for a person: what happened and, where known, the cure.
    package let message: String
    package let cause: (any Error)?

    package init(_ code: Code, phase: Phase, host: HostName, _ message: String, cause: (any Error)? = nil) {
        (self.code, self.phase, self.host, self.message, self.cause) = (code, phase, host, message, cause)
    }

    package var description: String { "\(host): \(message) (\(code.rawValue))" }
}

extension TransportError.Code {
    /// Whether the host certainly did not start the command.
    package var isBeforeCommand: Bool {
        switch self {
        case .resolveFailed, .connectRefused, .connectTimedOut, .connectFailed, .bannerTimedOut, .keyExchangeFailed,
            .keyExchangeTimedOut, .hostKeyUnknown, .hostKeyMismatch, .hostKeyRevoked, .hostKeyUnsupported,
            .identityUnusable, .authenticationFailed, .authenticationTimedOut, .channelRefused, .differentMachine:
            true
        default: false
        }
    }

    /// Whether the same attempt may succeed later without anybody changing anything.
    package var isTransient: Bool {
        switch self {
        case .resolveFailed, .connectRefused, .connectTimedOut, .connectFailed, .bannerTimedOut, .keyExchangeTimedOut,
            .authenticationTimedOut, .connectionLost, .commandTimedOut, .channelRefused:
            true
        default: false
        }
    }

    /// What a person can do about it, where that follows from the code alone.
    package var cure: String? {
        switch self {
        case .resolveFailed: "check ansible_host, or the name server"
        case .connectRefused: "check ansible_port, and that sshd runs on the host"
        case .connectTimedOut, .connectFailed: "check the address, the route and the firewall; is the host on?"
        case .bannerTimedOut: "the port is open but no SSH server answers: is sshd overloaded?"
        case .keyExchangeFailed: "update sshd or libssh2, or set connection: openssh"
        case .keyExchangeTimedOut, .authenticationTimedOut:
            "the server stopped in the middle: look at its load and its log"
        case .hostKeyUnknown: "compare the fingerprint with the host's own (ssh-keygen -lf on its console), then pin it"
        case .hostKeyMismatch:
            "find out why the key changed before anything else: a lost key is lost state, and "
                + "another machine may be answering"
        case .hostKeyRevoked: "this key was revoked on purpose: replace it on the host"
        case .hostKeyUnsupported: "pin a plain key, or use connection: openssh"
        case .identityUnusable:
            "check the key file, its mode and its passphrase; without one, create a key or start ssh-agent"
        case .authenticationFailed: "check ansible_user and the key against authorized_keys"
        case .channelRefused: "look at MaxSessions and the log of sshd"
        case .becomeFailed: "allow the user sudo without a password (-n), or give the password"
        case .differentMachine:
            "check ansible_host; if it is the same host with a new machine id, record that with "
                + "'ebb doctor --trust'"
        case .commandTimedOut, .connectionLost, .cancelled, .controllerFailed: nil
        }
    }
}

extension TransportError.Phase {
    /// Whether the command had certainly not been started.
    package var isBeforeCommand: Bool { self != .open && self != .command && self != .close }
}
