import EbbTransport

/// Reads the data types of RFC 4251 §5 from bytes that nobody vouches for.
struct WireReader {
    /// The bytes end before the value does.
    struct Truncated: Error {}

    private var rest: ArraySlice<UInt8>

    init(_ bytes: some Sequence<UInt8>) { rest = Array(bytes)[...] }

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

extension HostKey {
    /// Reads a key blob; its first string names the algorithm.
    package init?(blob: [UInt8]) {
        var reader = WireReader(blob)
        guard let algorithm = try? reader.text(), !algorithm.isEmpty else { return nil }
        self.init(algorithm: algorithm, blob: blob)
    }

    /// What a host certificate vouches for, and who vouches (OpenSSH's `PROTOCOL.certkeys`).
    struct Certificate {
        let key: HostKey
        let authority: HostKey
    }

    /// Reads a certificate; nil for a plain key and for what cannot be read.
    var certificate: Certificate? {
        let suffix = "-cert-v01@openssh.com"
        guard algorithm.hasSuffix(suffix) else { return nil }
        let type = String(algorithm.dropLast(suffix.count))
        do {
            var reader = WireReader(blob)
            _ = try reader.string()
            _ = try reader.string()
            var plain: [UInt8] = []
            plain.appendWire(Array(type.utf8))
            // A curve and a point, an exponent and a modulus, or a point alone.
            for _ in 0..<(type == "ssh-ed25519" ? 1 : 2) { plain.appendWire(try reader.string()) }
            // Serial number and kind; key id and principals; two times; options, extensions and a
            // reserved string.
            _ = try reader.bytes(12)
            for _ in 0..<2 { _ = try reader.string() }
            _ = try reader.bytes(16)
            for _ in 0..<3 { _ = try reader.string() }
            guard let authority = HostKey(blob: try reader.string()) else { return nil }
            return Certificate(key: HostKey(algorithm: type, blob: plain), authority: authority)
        } catch { return nil }
    }
}
