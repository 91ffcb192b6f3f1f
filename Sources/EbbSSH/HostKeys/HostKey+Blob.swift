import EbbTransport

extension HostKey {
    /// Reads a key blob; its first string names the algorithm.
    package init?(blob: [UInt8]) {
        var reader = WireReader(blob)
        guard let algorithm = try? reader.text(), !algorithm.isEmpty else { return nil }
        self.init(algorithm: algorithm, blob: blob)
    }
}
