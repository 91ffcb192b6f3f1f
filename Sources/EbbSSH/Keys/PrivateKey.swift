import Crypto
import EbbModel
import EbbTransport
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

/// A key to log in with.
struct Identity: Sendable {
    /// Who makes its signatures.
    enum Signer: Sendable {
        case file(PrivateKey)
        case agent(AgentClient)
    }

    /// The key blob that is offered.
    let publicKey: [UInt8]
    /// Its origin, for messages.
    let source: String
    let signer: Signer
}

/// A key file of the settings, and what it holds.
struct KeyFile: Sendable {
    /// What was found in the file.
    enum Content: Sendable {
        case key(PrivateKey, publicKey: [UInt8])
        /// The file holds, or shows, a public key; an agent may hold the private one.
        case publicOnly([UInt8], isEncrypted: Bool)
        case unusable(any Error)

        /// A key that can sign; what the host knows it by is worked out once for all hosts.
        static func usable(_ key: PrivateKey) -> Content { .key(key, publicKey: key.publicKey) }
    }

    let path: String
    /// Whether the inventory names it; OpenSSH's default files need not exist.
    let isNamed: Bool
    let content: Content

    /// Why a file that exists is of no use here.
    var problem: PrivateKey.Problem? {
        if case .unusable(let error) = content { error as? PrivateKey.Problem } else { nil }
    }

    var isOnlyPublic: Bool { if case .publicOnly = content { true } else { false } }

    /// What a file's text holds.
    static func content(of text: String) -> Content {
        do throws(PrivateKey.Problem) { return .usable(try PrivateKey(file: text)) } catch {
            if case .encrypted(let blob?) = error { return .publicOnly(blob, isEncrypted: true) }
            let fields = text.split(separator: " ")
            if fields.count >= 2, let data = Data(base64Encoded: String(fields[1])),
                let key = HostKey(blob: Array(data)), key.algorithm == fields[0]
            {
                return .publicOnly(key.blob, isEncrypted: false)
            }
            return .unusable(error)
        }
    }

    /// Why the file is of no use, in words.
    var complaint: String {
        let reason =
            switch content {
            case .key: "was refused"
            case .publicOnly(_, isEncrypted: true): "is encrypted: add it to the agent with ssh-add"
            case .publicOnly: "is a public key, and no agent holds the private one"
            case .unusable(let error):
                switch error as? PrivateKey.Problem {
                case .encrypted: "is encrypted: add it to the agent with ssh-add"
                case .unsupported(let type): "is of type \(type), which libssh2 cannot use: set 'connection: openssh'"
                case .notAPrivateKey: "holds no private key"
                case nil: "cannot be read"
                }
            }
        return PrintableText.line("The key file \(path) \(reason).")
    }
}
