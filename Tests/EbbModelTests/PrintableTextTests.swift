import EbbModel
import EbbTestSupport
import Testing

/// What a host sends must not act on a terminal, and two names must not look the same.
@Suite struct PrintableTextTests {
    private func isQuiet(_ text: String, besides kept: Set<Unicode.Scalar> = []) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate:
                kept.contains(scalar)
            default: true
            }
        }
    }

    @Test func `nothing that a terminal obeys comes through`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        for _ in 0..<2_000 {
            let bytes =
                Bool.random(using: &random) ? HostileText.bytes(&random) : Array(HostileText.random(&random).utf8)
            #expect(isQuiet(PrintableText.line(bytes)), "seed \(seed): \(bytes)")
            #expect(isQuiet(PrintableText.path(bytes)), "seed \(seed): \(bytes)")
            #expect(isQuiet(PrintableText.block(bytes), besides: ["\n", "\t"]), "seed \(seed)")
        }
    }

    /// Bytes that escapes are written with, and halves of characters.
    private static let escapes: [UInt8] = [0x5C, 0x78, 0x31, 0x62, 0x0A, 0x1B, 0x6E, 0xC3, 0xA9, 0x80]

    @Test func `different paths never look the same`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        var seen: [String: [UInt8]] = [:]
        for _ in 0..<5_000 {
            let bytes = (0..<3).map { _ in Self.escapes.randomElement(using: &random) ?? 0x61 }
            let shown = PrintableText.path(bytes)
            let other = seen.updateValue(bytes, forKey: shown)
            #expect(other == nil || other == bytes, "seed \(seed): \(shown)")
        }
    }

    @Test func `ordinary text of any script is left alone`() {
        for text in ["/srv/Fotos/Größe", "/home/мир", "/データ", "a b"] { #expect(PrintableText.line(text) == text) }
        #expect(PrintableText.line("tab\tnew\nred\u{1B}[31m") == #"tab\tnew\nred\x1b[31m"#)
        #expect(PrintableText.path([0x2F, 0xFF, 0x5C]) == #"/\xff\\"#)
    }
}
