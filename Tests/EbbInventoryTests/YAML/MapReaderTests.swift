import EbbModel
import Testing

@testable import EbbInventory

@Suite struct MapReaderTests {
    private func reader(_ text: String, _ problems: ProblemCollector) throws -> MapReader {
        let value = try #require(YAMLText.value(of: Array(text.utf8), file: "f.yml", problems: problems))
        return MapReader(value, name: "map", problems: problems)
    }

    @Test func `typed values are read, and wrong ones told with what was wanted`() throws {
        let problems = ProblemCollector()
        let map = try reader(
            "n: 3\nbig: 99\nyes: on\nspan: 1h30m\nbare: 90\nlist: [a, b]\none: a\nword: bleu\n", problems)
        #expect(map.read("n", .integer(1...9)) == 3)
        #expect(map.read("big", .integer(1...9)) == nil)
        #expect(map.read("yes", .bool) == true)
        #expect(map.read("span", .span()) == 5_400)
        #expect(map.read("bare", .span()) == nil)
        #expect(map.read("list", .list(of: .string)) == ["a", "b"])
        #expect(map.read("one", .list(of: .string)) == ["a"])
        #expect(map.read("word", SettingKind<Color>.choice) == nil)
        map.missing("other")
        map.finish()
        #expect(
            problems.problems.map(\.message) == [
                "map lacks “other”", "map.big must be a whole number from 1 to 9, not “99”",
                "map.bare must be a length of time such as 30s, 26h or 30d, not “90”", "map.word cannot be “bleu”",
            ])
        #expect(problems.problems.last?.hint == "did you mean “blue”?")
    }

    @Test func `lengths of time are read back as they are written`() {
        for (text, seconds) in [
            ("0", 0), ("45s", 45), ("90s", 90), ("26h", 93_600), ("30d", 2_592_000), ("2w", 1_209_600),
            ("1d2h3m4s", 93_784),
        ] {
            #expect(TimeSpan.seconds(text) == seconds)
            #expect(TimeSpan.seconds(TimeSpan.text(seconds)) == seconds)
        }
        for text in ["", "5", "h", "1h1h", "1s1m", "-1s", "1.5h", "99999999999999999999d", "٣s"] {
            #expect(TimeSpan.seconds(text) == nil, "\(text)")
        }
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let seconds = Int.random(in: 0...100_000_000, using: &random)
            #expect(TimeSpan.seconds(TimeSpan.text(seconds)) == seconds)
        }
    }

    private enum Color: String, CaseIterable { case red, blue }
}
