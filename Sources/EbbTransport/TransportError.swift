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
        case .commandTimedOut, .connectionLost, .cancelled, .becomeFailed, .controllerFailed: false
        }
    }

    /// Whether the same attempt may succeed later without anybody changing anything.
    package var isTransient: Bool {
        switch self {
        case .resolveFailed, .connectRefused, .connectTimedOut, .connectFailed, .bannerTimedOut, .keyExchangeTimedOut,
            .authenticationTimedOut, .connectionLost, .commandTimedOut, .channelRefused:
            true
        case .keyExchangeFailed, .hostKeyUnknown, .hostKeyMismatch, .hostKeyRevoked, .hostKeyUnsupported,
            .identityUnusable, .authenticationFailed, .cancelled, .becomeFailed, .differentMachine, .controllerFailed:
            false
        }
    }
}

extension TransportError.Phase {
    /// Whether the command had certainly not been started.
    package var isBeforeCommand: Bool {
        switch self {
        case .resolve, .connect, .banner, .keyExchange, .hostKey, .authenticate: true
        case .open, .command, .close: false
        }
    }
}
