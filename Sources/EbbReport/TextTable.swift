package import EbbModel

/// A table for people: columns aligned by what a terminal draws, colors by meaning.
package struct TextTable: Sendable {
    /// One column.
    package struct Column: Sendable {
        /// Texts stand to the left, numbers to the right.
        package enum Alignment: Sendable { case left, right }

        package let title: String
        package let alignment: Alignment
        /// Whether the column may be cut short where the terminal is too narrow.
        package let shrinks: Bool
        /// Whether the column may be left out where the terminal is too narrow; the last ones go first.
        package let yields: Bool

        package init(_ title: String, _ alignment: Alignment = .left, shrinks: Bool = false, yields: Bool = false) {
            (self.title, self.alignment, self.shrinks, self.yields) = (title, alignment, shrinks, yields)
        }
    }

    /// One cell; its text was made printable when the cell was made.
    package struct Cell: Sendable, ExpressibleByStringInterpolation {
        package let text: String
        package let role: TextRole

        package init(_ text: String, _ role: TextRole = .plain) {
            self.text = PrintableText.line(text)
            self.role = role
        }

        package init(_ number: some BinaryInteger, _ role: TextRole = .plain) { self.init(String(number), role) }

        package init(_ path: BytePath, _ role: TextRole = .plain) {
            text = path.printable
            self.role = role
        }

        package init(stringLiteral text: String) { self.init(text) }
    }

    package let columns: [Column]
    package private(set) var rows: [[Cell]] = []

    package init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row; cells that are missing at its end stay empty.
    package mutating func add(_ cells: [Cell]) {
        let missing = max(0, columns.count - cells.count)
        rows.append(Array(cells.prefix(columns.count)) + Array(repeating: "", count: missing))
    }

    /// The table as lines, each ended by a newline.
    ///
    /// - Parameters:
    ///   - width: Columns of the terminal; `nil` where nothing may be cut, as in a file or a pipe.
    ///   - color: Whether roles become colors.
    /// - Returns: A heading and one line per row; nothing at all for a table without rows.
    package func rendered(width: Int? = nil, color: Bool = false) -> String {
        guard !rows.isEmpty else { return "" }
        if let width, let narrower = narrower(than: width) { return narrower.rendered(width: width, color: color) }
        let widths = fitted(naturalWidths, into: width)
        let heading = columns.map { Cell($0.title, .heading) }
        return ([heading] + rows).map { line($0, widths, color) }.joined()
    }

    private static let gap = 2

    private var naturalWidths: [Int] {
        columns.indices.map { index in
            rows.reduce(DisplayWidth.of(columns[index].title)) { widest, row in
                max(widest, DisplayWidth.of(row[index].text))
            }
        }
    }

    /// The table without its last column that may be left out; `nil` where it fits, or none may.
    private func narrower(than width: Int) -> TextTable? {
        let needed = zip(columns, naturalWidths).reduce(Self.gap * (columns.count - 1)) {
            let (column, natural) = $1
            return $0 + (column.shrinks ? min(natural, Self.comfortable) : natural)
        }
        guard needed > width, let last = columns.lastIndex(where: \.yields) else { return nil }
        var columns = columns
        columns.remove(at: last)
        var table = TextTable(columns)
        for row in rows {
            var row = row
            row.remove(at: last)
            table.add(row)
        }
        return table
    }

    /// What a column that may shrink should keep as long as others can be left out.
    private static let comfortable = 32

    /// Takes what is missing from the widest column that may shrink, one column at a time.
    private func fitted(_ natural: [Int], into width: Int?) -> [Int] {
        guard let width else { return natural }
        var widths = natural
        var excess = widths.reduce(0, +) + Self.gap * (columns.count - 1) - width
        while excess > 0 {
            let candidates = columns.indices.filter {
                columns[$0].shrinks && widths[$0] > max(8, DisplayWidth.of(columns[$0].title))
            }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }

    private func line(_ cells: [Cell], _ widths: [Int], _ color: Bool) -> String {
        var line = ""
        var owed = 0
        for (index, cell) in cells.enumerated() {
            let text = DisplayWidth.truncated(cell.text, to: widths[index])
            let padding = widths[index] - DisplayWidth.of(text)
            if columns[index].alignment == .right { owed += padding }
            // Padding is owed until text follows, so that no line ends in spaces.
            if !text.isEmpty {
                line += String(repeating: " ", count: owed) + cell.role.paint(text, color: color)
                owed = 0
            }
            if columns[index].alignment == .left { owed += padding }
            owed += Self.gap
        }
        return line + "\n"
    }
}

/// What a piece of text means; the one place that knows which color a meaning has.
package enum TextRole: Sendable, CaseIterable {
    case plain, heading, good, warning, bad, muted, emphasis

    /// The text in the role's color, or as it is where colors are not wanted.
    package func paint(_ text: String, color: Bool) -> String {
        guard color, !text.isEmpty, let code else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    private var code: String? {
        switch self {
        case .plain: nil
        case .heading: "1"
        case .good: "32"
        case .warning: "33"
        case .bad: "31"
        case .muted: "2"
        case .emphasis: "1"
        }
    }
}

/// How many columns a text takes on a terminal.
package enum DisplayWidth {
    /// The columns of a text that holds no control characters.
    package static func of(_ text: some StringProtocol) -> Int {
        var columns = 0
        for character in text { columns += of(character) }
        return columns
    }

    /// The columns of one character, however many scalars it is made of.
    package static func of(_ character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        if first.isASCII { return 1 }
        let isEmoji = character.unicodeScalars.contains { $0.value == 0xFE0F }
        if isEmoji || isWide(first) { return 2 }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: return 1
        }
    }

    /// The longest beginning of a text that fits, with `…` for what was left out.
    package static func truncated(_ text: String, to columns: Int) -> String {
        guard of(text) > columns else { return text }
        guard columns > 1 else { return columns == 1 ? "…" : "" }
        var kept = ""
        var used = 0
        for character in text {
            let width = of(character)
            if used + width > columns - 1 { break }
            kept.append(character)
            used += width
        }
        return kept + "…"
    }

    /// The blocks that terminals draw two columns wide (East Asian Width W and F).
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
        0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
        0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
    ]

    private static func isWide(_ scalar: Unicode.Scalar) -> Bool { wide.contains { $0.contains(scalar.value) } }
}
