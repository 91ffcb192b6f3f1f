import Crypto
import FoundationEssentials

extension PrivateKey {
    /// Reads a key file: OpenSSH's own format, or PEM for elliptic curves.
    init(file text: String) throws(Problem) {
        guard text.contains("-----BEGIN OPENSSH PRIVATE KEY-----") else {
            self = try Self.pem(text)
            return
        }
        let body = text.split(whereSeparator: \.isNewline).drop { !$0.hasPrefix("-----BEGIN") }.dropFirst().prefix {
            !$0.hasPrefix("-----END")
        }.joined()
        guard let data = Data(base64Encoded: body) else { throw .notAPrivateKey }
        do { self = try Self.openSSH(data) } catch let problem as Problem { throw problem } catch {
            throw .notAPrivateKey
        }
    }

    /// OpenSSH's `PROTOCOL.key`.
    private static func openSSH(_ data: Data) throws -> PrivateKey {
        var outer = WireReader(data)
        guard try outer.bytes(15) == Array("openssh-key-v1\0".utf8) else { throw Problem.notAPrivateKey }
        let cipher = try outer.text()
        _ = try outer.string()
        _ = try outer.string()
        guard try outer.uint32() == 1 else { throw Problem.notAPrivateKey }
        let blob = try outer.string()
        var publicKey = WireReader(blob)
        let type = try publicKey.text()
        guard isSupported(blob) else { throw Problem.unsupported(type) }
        guard cipher == "none" else { throw Problem.encrypted(publicKey: blob) }
        var inner = WireReader(try outer.string())
        guard try inner.uint32() == (try inner.uint32()), try inner.text() == type else { throw Problem.notAPrivateKey }
        _ = try inner.string()
        if type == "ssh-ed25519" { return .ed25519(try .init(rawRepresentation: Array(try inner.string().prefix(32)))) }
        _ = try inner.string()
        let scalar = try inner.string().drop { $0 == 0 }
        func padded(_ size: Int) -> [UInt8] { Array(repeating: 0, count: max(0, size - scalar.count)) + scalar }
        switch type {
        case "ecdsa-sha2-nistp256": return .p256(try .init(rawRepresentation: padded(32)))
        case "ecdsa-sha2-nistp384": return .p384(try .init(rawRepresentation: padded(48)))
        case "ecdsa-sha2-nistp521": return .p521(try .init(rawRepresentation: padded(66)))
        default: throw Problem.unsupported(type)
        }
    }

    private static func pem(_ text: String) throws(Problem) -> PrivateKey {
        if text.contains("-----BEGIN RSA PRIVATE KEY-----") { throw .unsupported("ssh-rsa") }
        if text.contains("ENCRYPTED") { throw .encrypted(publicKey: nil) }
        if let key = try? P256.Signing.PrivateKey(pemRepresentation: text) { return .p256(key) }
        if let key = try? P384.Signing.PrivateKey(pemRepresentation: text) { return .p384(key) }
        if let key = try? P521.Signing.PrivateKey(pemRepresentation: text) { return .p521(key) }
        // PKCS#8 holds every type; what is left of it here is RSA.
        if text.contains("-----BEGIN PRIVATE KEY-----") { throw .unsupported("ssh-rsa") }
        throw .notAPrivateKey
    }
}
