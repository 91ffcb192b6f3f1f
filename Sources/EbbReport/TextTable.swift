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
