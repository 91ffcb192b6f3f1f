/// Tells why a server and libssh2 cannot agree, and what can be done about it.
package struct NegotiationAdvice: Hashable, Sendable {
    /// The kinds of algorithm for which nothing is shared, in the protocol's words.
    package enum Gap: String, Sendable, Hashable, CaseIterable {
        case keyExchange = "key exchange"
        case hostKey = "host key"
        case cipher
        case mac = "MAC"
    }

    /// What is missing, with what the server offers for it; empty when both can agree.
    package let gaps: [Gap: [String]]
    private let library: SSHLibrary

    package init(_ greeting: ServerGreeting, library: SSHLibrary) {
        self.library = library
        let lists: [(Gap, [String], [String])] = [
            (.keyExchange, greeting.keyExchange, library.keyExchange), (.hostKey, greeting.hostKeys, library.hostKeys),
            (.cipher, greeting.ciphers, library.ciphers), (.mac, greeting.macs, library.macs),
        ]
        var gaps: [Gap: [String]] = [:]
        for (gap, offered, ours) in lists where !offered.contains(where: ours.contains) { gaps[gap] = offered }
        // A cipher that authenticates by itself needs no MAC.
        let shared = library.ciphers.first(where: greeting.ciphers.contains)
        if let shared, shared.contains("gcm") || shared.contains("poly1305") { gaps[.mac] = nil }
        self.gaps = gaps
    }

    /// One sentence for each gap and one with the cures; nil when both can agree.
    package var explanation: String? {
        guard !gaps.isEmpty else { return nil }
        let missing = Gap.allCases.compactMap { gap in
            gaps[gap].map { offered in "no common \(gap.rawValue) (the host offers \(offered.joined(separator: ", ")))"
            }
        }
        var cures = ["set 'connection: openssh' for this host"]
        if let mac = library.macs.last, gaps[.mac] != nil {
            cures.append("add the MAC \(mac) to the host's sshd_config")
        }
        if library.isOlder(than: "1.11.1") { cures.append("use libssh2 1.11.1 or newer") }
        return """
            libssh2 \(library.version) and the host have \(missing.joined(separator: " and ")): \
            \(cures.joined(separator: ", or ")).
            """
    }
}
