import CLibSSH2

/// What the linked libssh2 can do, of what Ebb agrees to.
package struct SSHLibrary: Hashable, Sendable {
    /// The version, such as `1.11.1`.
    package let version: String
    package let keyExchange: [String]
    package let hostKeys: [String]
    package let ciphers: [String]
    package let macs: [String]

    /// The library that this program is linked with.
    package static let linked: SSHLibrary = {
        let engine = SSHEngine()
        func shared(_ method: SSHEngine.Method, _ wanted: [String]) -> [String] {
            let supported = engine?.supported(method) ?? []
            return wanted.filter(supported.contains)
        }
        return SSHLibrary(
            version: String(cString: libssh2_version(0)),
            keyExchange: shared(.keyExchange, AlgorithmPolicy.keyExchange),
            hostKeys: shared(.hostKey, AlgorithmPolicy.hostKeys), ciphers: shared(.cipher, AlgorithmPolicy.ciphers),
            macs: shared(.mac, AlgorithmPolicy.macs))
    }()

    /// Why the library must not be used; nil when it may.
    ///
    /// 1.11.0 sends wrong bytes when a packet is sent in parts, and knows no strict key exchange.
    package var refusal: String? {
        guard version == "1.11.0" else { return nil }
        return """
            libssh2 1.11.0 corrupts data: install 1.11.1 or newer, or set 'connection: openssh'.
            """
    }

    /// Whether the version is lower than another.
    package func isOlder(than other: String) -> Bool {
        let numbers = [version, other].map { text in
            text.split(separator: ".").map { Int($0.prefix { $0.isNumber }) ?? 0 }
        }
        return numbers[0].lexicographicallyPrecedes(numbers[1])
    }
}
