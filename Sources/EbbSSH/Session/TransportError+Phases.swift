import EbbModel
import EbbTransport

extension TransportError {
    /// The error of a host that did not get past a phase in time.
    static func establishing(
        _ phase: Phase, _ timeout: Duration, _ host: HostName
    ) -> TransportError {
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
            code, phase: phase, host: host,
            "No connection within \(timeout): the host did not get past \(phase.words).")
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
