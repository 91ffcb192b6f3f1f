import Testing

@testable import EbbProbe

@Suite struct ByteSearchTests {
    @Test func `a byte is found where a search one by one finds it`() {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        // Neighbours of what is sought, which word arithmetic may take for it.
        let alphabet: [UInt8] = [0, 1, 0x7F, 0x80, 0x81, 0xFF, 9, 10, 11]
        for _ in 0..<2_000 {
            let bytes =
                (0..<Int.random(in: 0..<40, using: &generator)).map { _ in
                    alphabet[Int.random(in: 2..<alphabet.count, using: &generator)]
                } + [alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]]
            let start = Int.random(in: 0...bytes.count, using: &generator)
            for byte in alphabet {
                bytes.withUnsafeBufferPointer { buffer in
                    #expect(
                        buffer.firstIndex(of: byte, from: start) == buffer[start...].firstIndex(of: byte),
                        "seed \(seed)")
                }
            }
        }
    }
}
