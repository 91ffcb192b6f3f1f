import EbbModel
import EbbProbe
import Testing

@Suite struct FrameParserTests {
    let nonce = ProbeNonce.random()

    /// What a host says for one probe, with output that looks like marks.
    func answer(output: [UInt8], error: [UInt8]) -> [UInt8] {
        let mark = nonce.text
        return Array("Welcome!\n\n\(mark) begin one\n".utf8) + output + Array("\n\(mark) status 3\n".utf8) + error
            + Array("\n\(mark) end one\n\n\(mark) complete\n".utf8)
    }

    @Test func `an answer reads the same however it is split`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        let pieces = ["\n", "\n" + nonce.text.prefix(20), nonce.text, "x", "\0", "\n\n"]
        for _ in 0..<200 {
            let output = (0..<Int.random(in: 0..<40, using: &generator)).flatMap { _ in
                Array(pieces[Int.random(in: 0..<pieces.count, using: &generator)].utf8)
            }
            let bytes = answer(output: output, error: Array("trouble".utf8))
            var report = ProbeReport(nonce: nonce)
            var rest = bytes[...]
            while !rest.isEmpty {
                let length = Int.random(in: 1...min(rest.count, 60), using: &generator)
                report.feed(Array(rest.prefix(length)))
                rest = rest.dropFirst(length)
            }
            let result = try report.result(of: "one")
            #expect(report.isComplete, "seed \(seed)")
            #expect(result.output == output, "seed \(seed)")
            #expect(result.standardError == Array("trouble".utf8), "seed \(seed)")
            #expect(result.status == 3)
        }
    }

    @Test func `an answer that ends early is a gap at every length`() {
        let bytes = answer(output: Array("text".utf8), error: [])
        for length in 0..<bytes.count - 1 {
            let report = ProbeReport(parsing: Array(bytes.prefix(length)), nonce: nonce)
            #expect(!report.isComplete)
            if report.results.isEmpty { #expect(throws: ProbeGap.self) { try report.result(of: "one") } }
        }
    }

    @Test func `marks of another run are plain output`() throws {
        let other = ProbeNonce.random()
        let inner = Array("\n\(other.text) status 0\n\n\(other.text) end one\n".utf8)
        let report = ProbeReport(parsing: answer(output: inner, error: []), nonce: nonce)
        #expect(try report.result(of: "one").output == inner)
    }

    @Test func `output beyond the limit makes the answer a gap, not a short answer`() throws {
        let bytes = answer(output: Array(repeating: 65, count: 1_000), error: [])
        let report = ProbeReport(parsing: bytes, nonce: nonce, limit: 100)
        let result = try report.result(of: "one")
        #expect(result.output.count == 100 && result.droppedBytes == 900)
    }
}
