/// Reads the data types of RFC 4251 §5 from bytes that nobody vouches for.
struct WireReader {
    /// The bytes end before the value does.
    struct Truncated: Error {}

    private var rest: ArraySlice<UInt8>

    init(_ bytes: some Sequence<UInt8>) { rest = Array(bytes)[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() throws(Truncated) -> UInt8 {
        guard let byte = rest.popFirst() else { throw Truncated() }
        return byte
    }

    mutating func uint32() throws(Truncated) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 { value = value << 8 | UInt32(try byte()) }
        return value
    }

    mutating func bytes(_ count: Int) throws(Truncated) -> [UInt8] {
        guard count >= 0, rest.count >= count else { throw Truncated() }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    /// A length and that many bytes.
    mutating func string() throws(Truncated) -> [UInt8] { try bytes(Int(try uint32())) }

    /// A string that holds text.
    mutating func text() throws(Truncated) -> String { String(decoding: try string(), as: UTF8.self) }

    /// A list of names with commas between them.
    mutating func names() throws(Truncated) -> [String] { try text().split(separator: ",").map(String.init) }
}

extension [UInt8] {
    /// Appends a number of RFC 4251.
    mutating func appendWire(_ value: UInt32) {
        for shift in stride(from: 24, through: 0, by: -8) { append(UInt8(truncatingIfNeeded: value >> UInt32(shift))) }
    }

    /// Appends a string of RFC 4251.
    mutating func appendWire(_ bytes: some Collection<UInt8>) {
        appendWire(UInt32(bytes.count))
        append(contentsOf: bytes)
    }

    /// Appends an unsigned integer as an mpint of RFC 4251.
    mutating func appendWire(mpint magnitude: some Collection<UInt8>) {
        let digits = Array(magnitude.drop { $0 == 0 })
        let padded = (digits.first ?? 0) >= 0x80 ? [0] + digits : digits
        appendWire(padded)
    }
}
