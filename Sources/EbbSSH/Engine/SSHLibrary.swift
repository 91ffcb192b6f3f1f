import CLibSSH2

/// A list of algorithms that is negotiated, in the protocol's words.
package enum AlgorithmKind: String, Sendable, CaseIterable {
    case keyExchange = "key exchange"
    case hostKey = "host key"
    case cipher
    case mac = "MAC"
}

/// What the linked libssh2 can do, of what Ebb agrees to.
package struct SSHLibrary: Hashable, Sendable {
    /// The version, such as `1.11.1`.
    package let version: String
    let algorithms: [AlgorithmKind: [String]]

    /// The algorithms of one kind, best first.
    package subscript(kind: AlgorithmKind) -> [String] { algorithms[kind] ?? [] }

    /// The library that this program is linked with.
    package static let linked: SSHLibrary = {
        let engine = SSHEngine()
        let algorithms = AlgorithmPolicy.agreed.map { kind, wanted in
            (kind, wanted.filter((engine?.supported(kind) ?? []).contains))
        }
        return SSHLibrary(
            version: String(cString: libssh2_version(0)), algorithms: Dictionary(uniqueKeysWithValues: algorithms))
    }()

    /// Why the library must not be used; nil when it may.
    ///
    /// 1.11.0 sends wrong bytes when a packet is sent in parts, and knows no strict key exchange.
    package var refusal: String? {
        version == "1.11.0"
            ? "libssh2 1.11.0 corrupts data: install 1.11.1 or newer, or set 'connection: openssh'." : nil
    }

    /// Whether the version is lower than another.
    package func isOlder(than other: String) -> Bool {
        let numbers = [version, other].map { text in
            text.split(separator: ".").map { Int($0.prefix { $0.isNumber }) ?? 0 }
        }
        return numbers[0].lexicographicallyPrecedes(numbers[1])
    }
}

/// The algorithms that Ebb agrees to, best first.
///
/// Nothing with SHA-1, CBC or DSA: a host that offers only those is reported, not spoken to.
enum AlgorithmPolicy {
    static let agreed: KeyValuePairs<AlgorithmKind, [String]> = [
        // Curves first: they cost a host and the controller about a millisecond.
        .keyExchange: [
            "curve25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256", "ecdh-sha2-nistp384",
            "ecdh-sha2-nistp521", "diffie-hellman-group-exchange-sha256", "diffie-hellman-group16-sha512",
            "diffie-hellman-group18-sha512", "diffie-hellman-group14-sha256",
        ], .hostKey: hostKeys,
        .cipher: [
            "aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes256-ctr", "aes192-ctr",
            "chacha20-poly1305@openssh.com",
        ], .mac: ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512"],
    ]
    static let hostKeys = [
        "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "rsa-sha2-512",
        "rsa-sha2-256",
    ]

    /// The type of key that a signature algorithm uses.
    static func keyType(of algorithm: String) -> String { algorithm.hasPrefix("rsa-sha2-") ? "ssh-rsa" : algorithm }
}
