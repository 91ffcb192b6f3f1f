import Crypto
import FoundationEssentials

/// A private key that signs for a login, parsed once for all hosts.
enum PrivateKey: Sendable {
    case ed25519(Curve25519.Signing.PrivateKey)
    case p256(P256.Signing.PrivateKey)
    case p384(P384.Signing.PrivateKey)
    case p521(P521.Signing.PrivateKey)

    /// Why a key file cannot be used.
    enum Problem: Error, Equatable {
        case notAPrivateKey
        /// Encrypted; OpenSSH's format shows the public key all the same.
        case encrypted(publicKey: [UInt8]?)
        /// The type of key, as its file names it.
        case unsupported(String)

        var isUnsupported: Bool { if case .unsupported = self { true } else { false } }
    }

    /// Whether a public key is of a type that libssh2 can log in with.
    static func isSupported(_ blob: [UInt8]) -> Bool {
        var reader = WireReader(blob)
        guard let type = try? reader.text() else { return false }
        return type == "ssh-ed25519" || type.hasPrefix("ecdsa-sha2-nistp") && !type.contains("@")
    }

    /// The key blob that the server knows.
    var publicKey: [UInt8] {
        var blob: [UInt8] = []
        switch self {
        case .ed25519(let key):
            blob.appendWire(Array("ssh-ed25519".utf8))
            blob.appendWire(key.publicKey.rawRepresentation)
        case .p256(let key): blob = Self.blob("nistp256", key.publicKey.x963Representation)
        case .p384(let key): blob = Self.blob("nistp384", key.publicKey.x963Representation)
        case .p521(let key): blob = Self.blob("nistp521", key.publicKey.x963Representation)
        }
        return blob
    }

    /// The signature alone, without the name of its algorithm (RFC 8709 §6, RFC 5656 §3.1.2).
    func signature(for data: [UInt8]) throws -> [UInt8] {
        switch self {
        case .ed25519(let key): Array(try key.signature(for: data))
        case .p256(let key): Self.pair(try key.signature(for: data).rawRepresentation)
        case .p384(let key): Self.pair(try key.signature(for: data).rawRepresentation)
        case .p521(let key): Self.pair(try key.signature(for: data).rawRepresentation)
        }
    }

    private static func blob(_ curve: String, _ point: some Collection<UInt8>) -> [UInt8] {
        var blob: [UInt8] = []
        blob.appendWire(Array("ecdsa-sha2-\(curve)".utf8))
        blob.appendWire(Array(curve.utf8))
        blob.appendWire(point)
        return blob
    }

    private static func pair(_ raw: Data) -> [UInt8] {
        var pair: [UInt8] = []
        pair.appendWire(mpint: raw.prefix(raw.count / 2))
        pair.appendWire(mpint: raw.suffix(raw.count / 2))
        return pair
    }
}
