/// Bytes in addresses: the only place that escapes them.
package enum PercentEncoding {
    /// The bytes, with every one that is not a letter, a digit, one of `-._~` or kept written as `%NN`.
    package static func of(_ bytes: some Sequence<UInt8>, keeping kept: String = "") -> String {
        let plain = Set("-._~\(kept)".utf8)
        let digits = Array("0123456789ABCDEF".unicodeScalars)
        return bytes.reduce(into: "") { text, byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A,
                _ where plain.contains(byte):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text.unicodeScalars += ["%", digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
    }
}
