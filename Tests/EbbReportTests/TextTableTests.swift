import EbbReport
import Testing

@testable import EbbModel

@Suite struct TextTableTests {
    private func table(_ rows: [[TextTable.Cell]]) -> TextTable {
        var table = TextTable([.init("HOST"), .init("SIZE", .right), .init("PATH", shrinks: true), .init("NOTE")])
        for row in rows { table.add(row) }
        return table
    }

    @Test func `columns align by what a terminal draws, and no line ends in blanks`() {
        let text = table([
            ["a", .init(5), "/x", "n"], ["日本", .init(1_234), "/ö\u{301}", ""], ["e\u{301}", .init(10)],
        ]).rendered()
        #expect(
            text == """
                HOST  SIZE  PATH  NOTE
                a        5  /x    n
                日本  1234  /ö\u{301}
                e\u{301}       10

                """)
        #expect(table([]).rendered() == "")
    }

    @Test func `only a terminal cuts, only columns that may shrink, and never a character`() {
        let long = table([["host", .init(1), "/a/very/long/路径/name", "note"]])
        let cut = long.rendered(width: 34)
        for line in cut.split(separator: "\n") { #expect(DisplayWidth.of(line) <= 34) }
        #expect(cut.contains("…") && cut.contains("note"))
        #expect(long.rendered().contains("/a/very/long/路径/name"))
        #expect(DisplayWidth.truncated("路径", to: 3) == "路…")
        #expect(DisplayWidth.truncated("路径", to: 2) == "…")
    }

    @Test func `what a host sent cannot steer the terminal`() {
        let hostile = "\u{1B}]0;owned\u{7}\nnext\u{202E}"
        let text = table([[.init(hostile, .bad), .init(1), .init(BytePath(bytes: [0x2F, 0xFF, 0x1B])), "x"]]).rendered(
            color: true)
        let stripped = text.replacing("\u{1B}[31m", with: "").replacing("\u{1B}[1m", with: "").replacing(
            "\u{1B}[0m", with: "")
        #expect(!stripped.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
        #expect(stripped.contains("\\x1b]0;owned\\x07\\nnext"))
        #expect(text.split(separator: "\n").count == 2)
    }

    @Test func `colors follow the meaning, and are absent where they are not wanted`() {
        #expect(TextRole.good.paint("x", color: true) == "\u{1B}[32mx\u{1B}[0m")
        for role in TextRole.allCases {
            #expect(role.paint("x", color: false) == "x")
            #expect(role.paint("", color: true) == "")
        }
    }

    @Test func `columns that may be left out go, the last ones first, before anything is cut`() {
        var table = TextTable([
            .init("PATH", shrinks: true), .init("CLASS", yields: true), .init("SEEN"), .init("BOOT", yields: true),
        ])
        table.add(["/etc/something/long", "precious", "2026-11-25", "45a3e9ce"])
        #expect(table.rendered(width: 60).contains("45a3e9ce"))
        let narrow = table.rendered(width: 46)
        #expect(!narrow.contains("BOOT") && narrow.contains("CLASS"))
        #expect(narrow.contains("/etc/something/long"))
        let narrowest = table.rendered(width: 31)
        #expect(!narrowest.contains("CLASS") && narrowest.contains("/etc/something/long"))
        #expect(table.rendered().contains("45a3e9ce"), "nothing is left out of a file")
    }
}
