import Crypto
import EbbTransport
import FoundationEssentials

extension HostKey {
    /// Reads a key blob; its first string names the algorithm.
    package init?(blob: [UInt8]) {
        var reader = WireReader(blob)
        guard let algorithm = try? reader.text(), !algorithm.isEmpty else { return nil }
        self.init(algorithm: algorithm, blob: blob)
    }

    /// The fingerprint as OpenSSH prints it: `SHA256:` and base64 without padding.
    package var fingerprint: String {
        let digest = Data(SHA256.hash(data: blob)).base64EncodedString()
        return "SHA256:" + digest.prefix { $0 != "=" }
    }
}
