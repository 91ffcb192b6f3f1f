import Crypto
import FoundationEssentials

/// A host's public key, as offered in the key exchange.
package struct HostKey: Hashable, Sendable {
    /// The algorithm's SSH name, such as `ssh-ed25519`.
    package let algorithm: String
    /// The key blob of RFC 4253 §6.6.
    package let blob: [UInt8]

    package init(algorithm: String, blob: [UInt8]) { (self.algorithm, self.blob) = (algorithm, blob) }

    /// The fingerprint as OpenSSH prints it: `SHA256:` and base64 without padding.
    package var fingerprint: String {
        let digest = Data(SHA256.hash(data: blob)).base64EncodedString()
        return "SHA256:" + digest.prefix { $0 != "=" }
    }
}
