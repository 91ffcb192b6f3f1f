/// What a server sends before any secret is agreed on: its banner and the algorithms that it offers.
package struct ServerGreeting: Hashable, Sendable {
    /// The line that starts with `SSH-`.
    package let banner: String
    package let keyExchange: [String]
    package let hostKeys: [String]
    /// Ciphers from the client to the server; the other direction is the same in practice.
    package let ciphers: [String]
    package let macs: [String]

    /// Reads the first bytes of a connection; nil while the greeting is not complete.
    package init?(_ bytes: [UInt8]) throws(Malformed) {
        guard let start = Self.bannerStart(in: bytes), let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n"))
        else {
            if bytes.count > 16 << 10 { throw Malformed(reason: "no line starts with SSH-") }
            return nil
        }
        banner = String(decoding: bytes[start..<end].filter { $0 != 0x0D }, as: UTF8.self)
        guard bytes.count >= end + 6 else { return nil }
        do {
            var packet = WireReader(bytes[(end + 1)...])
            let length = Int(try packet.uint32())
            guard (22...35_000).contains(length) else { throw WireReader.Truncated() }
            guard bytes.count >= end + 5 + length else { return nil }
            let padding = Int(try packet.byte())
            guard padding < length else { throw WireReader.Truncated() }
            var message = WireReader(try packet.bytes(length - padding - 1))
            // SSH_MSG_KEXINIT and its random cookie (RFC 4253 §7.1).
            guard try message.byte() == 20 else { throw WireReader.Truncated() }
            _ = try message.bytes(16)
            keyExchange = try message.names()
            hostKeys = try message.names()
            ciphers = try message.names()
            _ = try message.names()
            macs = try message.names()
        } catch { throw Malformed(reason: "the key exchange message cannot be read") }
    }

    /// The peer does not speak SSH.
    package struct Malformed: Error, Hashable { package let reason: String }

    private static func bannerStart(in bytes: [UInt8]) -> Int? {
        var start = 0
        while true {
            if bytes[start...].starts(with: "SSH-".utf8) { return start }
            guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            start = end + 1
        }
    }
}
