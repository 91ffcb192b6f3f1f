import Crypto
import FoundationEssentials

extension HostKey {
    /// The fingerprint as OpenSSH prints it: `SHA256:` and base64 without padding.
    package var fingerprint: String {
        let digest = Data(SHA256.hash(data: blob)).base64EncodedString()
        return "SHA256:" + digest.prefix { $0 != "=" }
    }
}
