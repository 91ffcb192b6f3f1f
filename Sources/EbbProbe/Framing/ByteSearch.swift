extension UnsafeBufferPointer<UInt8> {
    /// The first place from `start` on that holds the byte, found eight bytes at a time.
    func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        let bytes = UnsafeRawBufferPointer(self)
        let (ones, tops) = (0x0101_0101_0101_0101 as UInt64, 0x8080_8080_8080_8080 as UInt64)
        let pattern = ones &* UInt64(byte)
        var index = start
        while index + 8 <= count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)) ^ pattern
            // The lowest top bit that stays belongs to the first byte that is zero.
            let zeros = (word &- ones) & ~word & tops
            if zeros != 0 { return index + zeros.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < count {
            if self[index] == byte { return index }
            index += 1
        }
        return nil
    }
}

extension Collection<UInt8> {
    /// The bytes, with the one that is meant in place of each backslash and its octal digits; `nil` where
    /// a backslash lacks them, or they mean no byte.
    func unescaped(digits: Int) -> [UInt8]? {
        var output: [UInt8] = []
        output.reserveCapacity(count)
        var rest = self[...]
        while let byte = rest.first {
            rest = rest.dropFirst()
            guard byte == UInt8(ascii: "\\") else {
                output.append(byte)
                continue
            }
            let octal = rest.prefix(digits)
            let value = octal.reduce(0) { $0 << 3 | Int($1 & 7) }
            guard octal.count == digits, octal.allSatisfy({ $0 & 0xF8 == UInt8(ascii: "0") }), value < 256 else {
                return nil
            }
            output.append(UInt8(value))
            rest = rest.dropFirst(digits)
        }
        return output
    }
}
