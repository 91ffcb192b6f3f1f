package import EbbModel
package import EbbTransport
import NIOCore

/// What a server sends before any secret is agreed on: its banner and the algorithms that it offers.
package struct ServerGreeting: Hashable, Sendable {
    /// The line that starts with `SSH-`.
    package let banner: String
    /// Ciphers and MACs from the client to the server; the other direction is the same in practice.
    let offered: [AlgorithmKind: [String]]

    /// The algorithms of one kind that it offers.
    package subscript(kind: AlgorithmKind) -> [String] { offered[kind] ?? [] }

    /// Reads the first bytes of a connection; nil while the greeting is not complete.
    package init?(_ bytes: [UInt8]) throws(Malformed) {
        guard let start = Self.bannerStart(in: bytes), let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n"))
        else {
            if bytes.count > 16 << 10 { throw Malformed(reason: "no line starts with SSH-") }
            return nil
        }
        banner = String(decoding: bytes[start..<end].filter { $0 != 0x0D }, as: UTF8.self)
        guard bytes.count >= end + 6 else { return nil }
        do {
            var packet = WireReader(bytes[(end + 1)...])
            let length = Int(try packet.uint32())
            guard (22...35_000).contains(length) else { throw WireReader.Truncated() }
            guard bytes.count >= end + 5 + length else { return nil }
            let padding = Int(try packet.byte())
            guard padding < length else { throw WireReader.Truncated() }
            var message = WireReader(try packet.bytes(length - padding - 1))
            // SSH_MSG_KEXINIT and its random cookie (RFC 4253 §7.1).
            guard try message.byte() == 20 else { throw WireReader.Truncated() }
            _ = try message.bytes(16)
            var offered: [AlgorithmKind: [String]] = [:]
            for kind in [AlgorithmKind.keyExchange, .hostKey, .cipher] { offered[kind] = try message.names() }
            _ = try message.names()
            offered[.mac] = try message.names()
            self.offered = offered
        } catch { throw Malformed(reason: "the key exchange message cannot be read") }
    }

    /// The peer does not speak SSH.
    package struct Malformed: Error, Hashable { package let reason: String }

    private static func bannerStart(in bytes: [UInt8]) -> Int? {
        var start = 0
        while true {
            if bytes[start...].starts(with: "SSH-".utf8) { return start }
            guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            start = end + 1
        }
    }
}

extension ServerGreeting {
    /// Reads the greeting of a host from a bare socket: nothing is negotiated or logged in.
    package static func read(
        from settings: ConnectionSettings, timeout: Duration, loops: SocketLoops = SSHTransport.loops
    ) async throws(TransportError) -> ServerGreeting {
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        return try await SSHSession.lent(for: settings.host, on: loops.next()) { session throws(TransportError) in
            try await session.readGreeting(settings, deadline: deadline, timeout: timeout)
        }
    }
}

extension SSHSession {
    /// Connects, and takes the server's first bytes without entering libssh2.
    fileprivate func readGreeting(_ settings: ConnectionSettings, deadline: NIODeadline, timeout: Duration)
        async throws(TransportError) -> ServerGreeting
    {
        let watchdog = scheduleEstablished(by: deadline, timeout: timeout)
        defer { cancel(watchdog) }
        return try await endingOnCancellation { () async throws(TransportError) in
            try await connect(to: settings, deadline: deadline)
            phase = hasGreeted ? .keyExchange : .banner
            // OpenSSH sends its offer at once; others wait for the client's banner.
            send(Array("SSH-2.0-Ebb\r\n".utf8))
            return try await until { () throws(TransportError) in
                do throws(ServerGreeting.Malformed) {
                    let bytes = Array(self.engine.input.readableBytesView)
                    if let greeting = try ServerGreeting(bytes) { return greeting }
                } catch {
                    throw self.problem(
                        .keyExchangeFailed, "The port does not speak SSH: \(error.reason).", cause: error)
                }
                guard !self.engine.inputEnded else {
                    throw self.problem(
                        .connectFailed, "The host hung up during \(self.phase.words).", cause: self.carrierError)
                }
                return nil
            }
        }
    }
}

/// Tells why a server and libssh2 cannot agree, and what can be done about it.
package struct NegotiationAdvice: Hashable, Sendable {
    /// What is missing, with what the server offers for it; empty when both can agree.
    package let gaps: [AlgorithmKind: [String]]
    private let library: SSHLibrary

    package init(_ greeting: ServerGreeting, library: SSHLibrary) {
        self.library = library
        var gaps = greeting.offered.filter { kind, offered in !offered.contains(where: library[kind].contains) }
        // A cipher that authenticates by itself needs no MAC.
        let shared = library[.cipher].first(where: greeting[.cipher].contains)
        if let shared, shared.contains("gcm") || shared.contains("poly1305") { gaps[.mac] = nil }
        self.gaps = gaps
    }

    /// One sentence for each gap and one with the cures; nil when both can agree.
    package var explanation: String? {
        guard !gaps.isEmpty else { return nil }
        let missing = AlgorithmKind.allCases.compactMap { gap in
            gaps[gap].map { offered in "no common \(gap.rawValue) (the host offers \(offered.joined(separator: ", ")))"
            }
        }
        var cures = ["set 'connection: openssh' for this host"]
        if let mac = library[.mac].last, gaps[.mac] != nil {
            cures.append("add the MAC \(mac) to the host's sshd_config")
        }
        if library.isOlder(than: "1.11.1") { cures.append("use libssh2 1.11.1 or newer") }
        return """
            libssh2 \(library.version) and the host have \(missing.joined(separator: " and ")): \
            \(cures.joined(separator: ", or ")).
            """
    }
}
