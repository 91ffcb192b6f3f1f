import EbbTransport

extension HostKey {
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
