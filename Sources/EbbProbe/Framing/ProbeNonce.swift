/// A random word that marks where probes begin and end in a host's output.
///
/// Output that was written before the script arrived cannot hold it, so no file content, name or
/// banner can be mistaken for a mark.
package struct ProbeNonce: Hashable, Sendable {
    /// Thirty-two hexadecimal digits.
    package let text: String

    /// Draws 128 bits.
    package init(using generator: inout some RandomNumberGenerator) {
        let digits = Array("0123456789abcdef".utf8)
        var bytes: [UInt8] = []
        for _ in 0..<2 {
            var word = generator.next() as UInt64
            for _ in 0..<16 {
                bytes.append(digits[Int(word & 15)])
                word >>= 4
            }
        }
        text = String(decoding: bytes, as: UTF8.self)
    }

    /// Draws 128 bits from the system.
    package static func random() -> ProbeNonce {
        var generator = SystemRandomNumberGenerator()
        return ProbeNonce(using: &generator)
    }
}
