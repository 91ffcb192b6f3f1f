import EbbModel

/// Text of a host for documents: one line, nothing invisible in it, and not too long.
package enum PrintableLine {
    /// More than a person reads in one cell.
    package static let limit = 1_000

    /// The text, cut behind `limit` characters.
    package static func of(_ text: String, limit: Int = limit) -> String {
        // Escaping at most quadruples the length, so this bounds the work as well.
        let line = PrintableText.line(text.utf8.prefix(limit * 4 + 4))
        guard line.unicodeScalars.count > limit else { return line }
        return String(String.UnicodeScalarView(line.unicodeScalars.prefix(limit - 1))) + "…"
    }
}
