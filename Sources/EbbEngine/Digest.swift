import Crypto
import FoundationEssentials

/// Hashes of texts, for identities that a person may compare.
package enum Digest {
    /// SHA-256 as sixty-four lower-case hexadecimal digits.
    package static func sha256(_ text: String) -> String { hexadecimal(SHA256.hash(data: Array(text.utf8))) }

    /// SHA-256 over values, one after the other; equal values give equal digests.
    package static func sha256(of values: some Sequence<some Encodable>) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var hash = SHA256()
        for value in values {
            hash.update(data: try encoder.encode(value))
            hash.update(data: [UInt8(ascii: "\n")])
        }
        return hexadecimal(hash.finalize())
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
