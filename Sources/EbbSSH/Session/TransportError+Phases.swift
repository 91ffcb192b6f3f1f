import EbbModel
import EbbTransport

extension TransportError {
    /// The error of a host that did not get past a phase in time.
    static func establishing(_ phase: Phase, _ timeout: Duration, _ host: HostName) -> TransportError {
        let code: Code =
            switch phase {
            case .resolve: .resolveFailed
            case .connect: .connectTimedOut
            case .banner: .bannerTimedOut
            case .keyExchange, .hostKey: .keyExchangeTimedOut
            case .authenticate: .authenticationTimedOut
            case .open, .command, .close: .commandTimedOut
            }
        return TransportError(
            code, phase: phase, host: host, "No connection within \(timeout): the host did not get past \(phase.words)."
        )
    }
}

extension SSHSession {
    /// An error of the phase that the session is in.
    func problem(_ code: TransportError.Code, _ message: String, cause: (any Error)? = nil) -> TransportError {
        TransportError(code, phase: phase, host: host, message, cause: cause)
    }

    /// The error of a session whose connection broke, or that of the jump host where its own broke.
    func brokenOff(_ code: TransportError.Code, _ message: String, _ error: Int32) -> TransportError {
        let jump = carrierError as? TransportError
        return problem(code, jump.map(Self.jumpHostMessage) ?? "\(message) (\(reason(error))).", cause: carrierError)
    }

    /// The message for a host whose jump host failed.
    static func jumpHostMessage(_ error: TransportError) -> String { "Jump host \(error.host): \(error.message)" }

    /// The peer's own words about an error, else libssh2's.
    func reason(_ code: Int32) -> String {
        let message = PrintableText.line(engine.disconnectMessage)
        let text = PrintableText.line(engine.lastError)
        return message.isEmpty ? "libssh2 \(code): \(text)" : "the host said: \(message)"
    }
}

extension TransportError.Phase {
    /// The phase in words.
    var words: String {
        switch self {
        case .resolve: "resolving its name"
        case .connect: "connecting"
        case .banner: "the SSH greeting"
        case .keyExchange: "the key exchange"
        case .hostKey: "the host key check"
        case .authenticate: "the login"
        case .open: "opening a channel"
        case .command: "the command"
        case .close: "closing the command"
        }
    }
}
