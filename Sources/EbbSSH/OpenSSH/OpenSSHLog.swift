import EbbModel
import EbbTransport

/// What `ssh -v` reports of a connection: how far it came, and why it failed.
struct OpenSSHLog: Sendable {
    private(set) var phase = TransportError.Phase.resolve
    /// Whether the connection is logged in and takes commands.
    private(set) var isReady = false
    /// What was agreed on with the target.
    private(set) var algorithms = ChosenAlgorithms(client: "OpenSSH")
    /// Whether the program has come as far as its socket; an `ssh` for a jump host, which speaks on
    /// the same standard error, never does.
    private var isMaster = false
    /// The last lines that are not debugging, for messages.
    private var complaints: [String] = []

    /// Lines that say nothing but how far it came.
    private static let steps: [(String, TransportError.Phase)] = [
        ("Connecting to ", .connect), ("Connection established", .banner), ("Executing proxy", .banner),
        ("Remote protocol version", .keyExchange), ("SSH2_MSG_NEWKEYS received", .authenticate),
        ("Authenticated to", .open),
    ]

    /// Takes a line of the program's standard error.
    mutating func note(_ line: String) {
        guard let debug = line.dropPrefix("debug1: ") else {
            // The server's greeting may be long; the reason comes last.
            if !line.isEmpty { complaints = complaints.suffix(7) + [line] }
            return
        }
        if let step = Self.steps.first(where: { debug.hasPrefix($0.0) }) {
            phase = step.1
        } else if let version = debug.dropPrefix("Local version string SSH-2.0-OpenSSH_") {
            algorithms.client = "OpenSSH \(version)"
        } else if let name = debug.dropPrefix("kex: algorithm: ") {
            algorithms.keyExchange = String(name)
        } else if let name = debug.dropPrefix("kex: host key algorithm: ") {
            algorithms.hostKey = String(name)
        } else if let rest = debug.dropPrefix("kex: server->client cipher: ") {
            // `CIPHER MAC: MAC compression: none`, with `<implicit>` where the cipher does both.
            let words = rest.split(separator: " ")
            algorithms.cipher = words.first.map(String.init) ?? ""
            let mac = words.count > 2 ? String(words[2]) : ""
            algorithms.mac = mac == "<implicit>" ? "" : mac
        } else if debug.hasPrefix("Server host key: ") {
            phase = .hostKey
        } else if debug.hasPrefix("setting up multiplex master socket") {
            isMaster = true
        } else if debug.hasPrefix("Entering interactive session") {
            phase = .open
            isReady = isMaster
        }
    }

    /// Why the program ended before it was ready.
    func failure(of host: HostName) -> TransportError {
        let code = code(complaints.joined(separator: " "))
        var failed = phase
        if code == .hostKeyUnknown || code == .hostKeyMismatch || code == .hostKeyRevoked { failed = .hostKey }
        let reason = complaints.last.map { PrintableText.line($0) } ?? "no reason given"
        return TransportError(code, phase: failed, host: host, "ssh could not connect: \(reason).")
    }

    private func code(_ messages: String) -> TransportError.Code {
        let table: [(String, TransportError.Code)] = [
            ("Could not resolve hostname", .resolveFailed), ("marked as revoked", .hostKeyRevoked),
            ("REVOKED", .hostKeyRevoked), ("REMOTE HOST IDENTIFICATION HAS CHANGED", .hostKeyMismatch),
            ("host key is known for", .hostKeyUnknown), ("Host key verification failed", .hostKeyMismatch),
            ("Unable to negotiate", .keyExchangeFailed), ("no matching", .keyExchangeFailed),
            ("Permission denied", .authenticationFailed), ("Too many authentication failures", .authenticationFailed),
            ("Connection refused", .connectRefused), ("timed out during banner exchange", .bannerTimedOut),
            ("timed out", .connectTimedOut), ("Bad owner or permissions", .controllerFailed),
            ("Bad configuration option", .controllerFailed),
        ]
        return table.first { messages.contains($0.0) }?.1 ?? .connectFailed
    }
}

extension StringProtocol {
    /// The rest after a prefix; nil when the text does not start with it.
    fileprivate func dropPrefix(_ prefix: String) -> SubSequence? { hasPrefix(prefix) ? dropFirst(prefix.count) : nil }
}
