/// Identifiers made from names, so that the same report always has the same ones.
enum NameUUID {
    /// A UUID in the form of version 5; equal parts give equal ones.
    ///
    /// FNV-1a over 128 bits: it only has to tell the parts of one report apart, not to resist anybody.
    static func of(_ parts: String...) -> String {
        var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
        let prime: UInt128 = 0x0000_0000_0100_0000_0000_0000_0000_013b
        for part in parts {
            for byte in part.utf8 { hash = (hash ^ UInt128(byte)) &* prime }
            hash = (hash ^ 0xFF) &* prime  // never a byte of UTF-8: parts do not run together
        }
        var digits = Array(String(hash, radix: 16))
        digits = Array(repeating: "0", count: 32 - digits.count) + digits
        digits[12] = "5"
        digits[16] = "89ab".first { $0 == digits[16] } ?? "8"
        let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }
        return groups.joined(separator: "-")
    }
}
