/// Comma-separated values after RFC 4180, safe to open in a spreadsheet.
package enum CSV {
    /// One field of a record.
    package enum Cell: Sendable, Hashable, ExpressibleByStringInterpolation {
        /// Any text, hostile ones included.
        case text(String)
        /// A number that Ebb computed.
        case number(Int64)
        case empty

        package init(stringLiteral text: String) { self = .text(text) }

        /// The text, or an empty field.
        package static func optional(_ text: String?) -> Cell { text.map { .text($0) } ?? .empty }

        /// The number, or an empty field.
        package static func optional(_ number: (some BinaryInteger)?) -> Cell {
            number.map { .number(Int64(clamping: $0)) } ?? .empty
        }
    }

    /// One record with its line end.
    package static func line(_ cells: [Cell]) -> String { cells.map(field).joined(separator: ",") + "\r\n" }

    private static func field(_ cell: Cell) -> String {
        switch cell {
        case .empty: return ""
        case .number(let number): return String(number)
        case .text(let text):
            let safe = neutralized(text)
            let needsQuotes = safe.utf8.contains { $0 == 0x2C || $0 == 0x22 || $0 <= 0x20 }
            guard needsQuotes else { return safe }
            // By scalars, as readers do: a quote with a combining mark behind it is one Character.
            let doubled = safe.unicodeScalars.split(separator: "\"", omittingEmptySubsequences: false)
            return "\"" + doubled.map(String.init).joined(separator: "\"\"") + "\""
        }
    }

    /// The text as one line that no spreadsheet takes for a formula.
    ///
    /// Programs look past blanks and byte order marks before the sign, and know full-width ones.
    private static func neutralized(_ text: String) -> String {
        let line = PrintableLine.of(text)
        let first = line.unicodeScalars.first { !$0.properties.isWhitespace }
        guard let first, "=+-@|%＝＋－＠\\".unicodeScalars.contains(first) else { return line }
        return "'" + line
    }
}
