import Crypto

/// Hashes of texts, for identities that a person may compare.
enum Digest {
    /// SHA-256 as sixty-four lower-case hexadecimal digits.
    static func sha256(_ text: String) -> String {
        SHA256.hash(data: Array(text.utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
