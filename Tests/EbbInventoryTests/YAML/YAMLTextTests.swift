import EbbModel
import EbbTestSupport
import Testing

@testable import EbbInventory

@Suite struct YAMLTextTests {
    private func read(_ text: String) -> (value: YAMLValue?, told: [String]) {
        let problems = ProblemCollector()
        let value = YAMLText.value(of: Array(text.utf8), file: "f.yml", problems: problems)
        return (value, problems.problems.map(\.description))
    }

    @Test func `values keep their line and their author's spelling`() throws {
        let (value, told) = read(
            """
            ---
            a: 0750
            b: "0750"
            c: 02:00
            d: yes
            e: !vault |
              1234
            f: ~
            g: [x, {y: z}]
            """)
        #expect(told == [])
        #expect(value?["a"]?.text == "0750")
        #expect(value?["b"]?.text == "0750")
        #expect(value?["c"]?.text == "02:00")
        #expect(value?["c"]?.location == SourceLocation(file: "f.yml", line: 4))
        #expect(value?["d"]?.text == "yes")
        #expect(value?["e"]?.text == nil && value?["e"]?.kind == "a value tagged !vault")
        #expect(value?["f"]?.isNull == true)
        guard case .list(let list) = value?["g"]?.content else {
            Issue.record("g is no list")
            return
        }
        #expect(list.last?["y"]?.text == "z")
    }

    @Test func `anchors and merge keys are resolved, nearer keys win`() {
        let (value, told) = read(
            """
            base: &base {a: 1, b: 2}
            more: &more {c: 3}
            use:
              <<: [*base, *more]
              b: 4
            """)
        #expect(told == [])
        let use = value?["use"]
        #expect(["a", "b", "c"].map { use?[$0]?.text } == ["1", "4", "3"])
    }

    @Test func `what is no YAML says where`() {
        #expect(read("a: b\nc: [d\n").told.first?.hasPrefix("f.yml:3: error: not YAML") == true)
        #expect(read("a: 1\nb: 2\na: 3\n").told.first?.contains("“a” stands twice") == true)
        #expect(read("1: a\n\"1\": b\n").told.first?.contains("“1” stands twice") == true)
        #expect(read("a: 1\n---\nb: 2\n").told.first?.contains("not YAML") == true)
        let problems = ProblemCollector()
        #expect(YAMLText.value(of: [0x61, 0xFF], file: "f", problems: problems) == nil)
        #expect(problems.problems.first?.message == "the file is not UTF-8")
        #expect(read("").value?.isNull == true)
    }

    @Test func `no random bytes take the reader down`() {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("ab:-[]{}&*!|>'\"#%@`, \n\t~<?0".utf8)
        for _ in 0..<2_000 {
            let count = Int.random(in: 0...40, using: &random)
            let bytes = (0..<count).map { _ in alphabet.randomElement(using: &random) ?? 0x20 }
            let problems = ProblemCollector()
            let value = YAMLText.value(of: bytes, file: "f", problems: problems)
            #expect(value != nil || !problems.problems.isEmpty, "\(bytes)")
        }
    }

    @Test func `what is quoted reads back as the same text, wherever it stands`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        let pieces = [
            "'", "\"", "\\", "\n", "\r\n", "\t", " ", "#", ": ", "- ", "{", "]", ",", "&a", "*a", "|", "a", "yes", "1",
            "\u{301}", "\u{85}", "\u{2028}", "\u{FEFF}", "\u{1B}", "\u{7F}", "🏴‍☠️",
        ]
        for _ in 0..<1_000 {
            // Yams takes a byte order mark at the very beginning away; no path begins with one.
            let text = (0...Int.random(in: 0...8, using: &random)).reduce("/") { text, _ in
                text + (pieces.randomElement(using: &random) ?? "")
            }
            let (value, told) = read("a: [{k: \(YAMLText.quoted(text)), w: \(YAMLText.word(text))}]\nb: end\n")
            guard case .list(let entries)? = value?["a"]?.content else {
                Issue.record("seed \(seed): no list")
                continue
            }
            let entry = entries.first
            #expect(told == [], "seed \(seed)")
            #expect(entry?["k"]?.text.map { Array($0.utf8) } == Array(text.utf8), "seed \(seed)")
            #expect(entry?["w"]?.text.map { Array($0.utf8) } == Array(text.utf8), "seed \(seed)")
            #expect(value?["b"]?.text == "end")
        }
        #expect(YAMLText.word("backup-2") == "backup-2")
        #expect(YAMLText.word("No") == "\"No\"")
    }
}
