import EbbModel
import EbbTransport
import FoundationEssentials

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
