import Crypto

/// The identity of a plan: equal plans have equal hashes.
enum PlanHash {
    /// The first sixteen hexadecimal digits of SHA-256 over the plan's text.
    static func of(_ text: String) -> String {
        SHA256.hash(data: Array(text.utf8)).prefix(8).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
