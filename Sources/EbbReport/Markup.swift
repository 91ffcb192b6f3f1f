/// HTML or XML into which no text gets unescaped: the one builder of pages, reports and JUnit files.
///
/// Literals are taken as they are; every text that is put into one is escaped:
/// `"<td>\(host.text)</td>"` is safe whatever the text holds, in elements and in quoted attributes.
/// Text longer than a table survives is cut: what hosts report must not make a page endless.
package struct Markup: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// The markup as text.
    package let text: String

    private init(text: String) { self.text = text }

    package init(stringLiteral text: String) { self.text = text }

    package init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

    /// Nothing.
    package static let empty: Markup = ""

    /// What every page begins with, up to the rest of its head.
    package static let pageBegin: Markup = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">

        """

    /// The parts, one after the other, with something between them.
    package static func joined(_ parts: some Sequence<Markup>, separator: Markup = .empty) -> Markup {
        Markup(text: parts.lazy.map(\.text).joined(separator: separator.text))
    }

    /// A file of the program itself, such as a style sheet.
    package static func resource(_ bytes: [UInt8]) -> Markup { Markup(text: String(decoding: bytes, as: UTF8.self)) }

    /// One piece of markup behind another.
    package static func + (left: Markup, right: Markup) -> Markup { "\(left)\(right)" }

    /// Collects the parts of an interpolated literal.
    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var text: String

        package init(literalCapacity: Int, interpolationCount: Int) {
            text = ""
            text.reserveCapacity(literalCapacity + interpolationCount * 16)
        }

        /// Takes over markup that the program itself holds.
        package mutating func appendLiteral(_ literal: String) { text += literal }

        /// Takes over markup that is safe already.
        package mutating func appendInterpolation(_ part: Markup) { text += part.text }

        /// Takes over several pieces of markup.
        package mutating func appendInterpolation(_ parts: [Markup]) { for part in parts { text += part.text } }

        /// Takes over markup, if there is any.
        package mutating func appendInterpolation(_ part: Markup?) { if let part { text += part.text } }

        /// Writes a number.
        package mutating func appendInterpolation(_ number: some BinaryInteger) { text += String(number) }

        /// Writes text, cut behind `limit` characters, with everything escaped that markup could be
        /// made of.
        package mutating func appendInterpolation(_ text: String, limit: Int = 400) {
            // Control characters and direction marks would let a path look like another one.
            for scalar in PrintableLine.of(text, limit: limit).unicodeScalars {
                switch scalar {
                case "&": self.text += "&amp;"
                case "<": self.text += "&lt;"
                case ">": self.text += "&gt;"
                case "\"": self.text += "&quot;"
                case "'": self.text += "&#39;"
                default: self.text.unicodeScalars.append(scalar)
                }
            }
        }
    }
}

/// A table of a page, made from its columns: a new column is one of these and nothing else.
package struct MarkupTable<Row> {
    /// A heading, and the cell that a row has below it.
    package struct Column {
        /// How the cells of a column look.
        package enum Kind: Sendable {
            /// The name of the row.
            case head
            /// Text that needs its heading beside it on a narrow screen.
            case text
            case number
            /// What explains itself: a badge, a sentence.
            case plain
        }

        let title: String
        let kind: Kind
        let style: (Row) -> String
        let cell: (Row) -> Markup

        /// - Parameters:
        ///   - title: The heading.
        ///   - kind: How its cells look.
        ///   - style: A class of the style sheet for a row's cell, or nothing.
        ///   - cell: What stands in a row's cell.
        package init(
            _ title: String, _ kind: Kind = .text, style: @escaping (Row) -> String = { _ in "" },
            _ cell: @escaping (Row) -> Markup
        ) { (self.title, self.kind, self.style, self.cell) = (title, kind, style, cell) }
    }

    private let style: String
    private let columns: [Column]

    /// A table with a class of the style sheet.
    package init(_ style: String, _ columns: [Column]) { (self.style, self.columns) = (style, columns) }

    /// The table with its rows.
    package func markup(_ rows: some Sequence<Row>) -> Markup {
        "\(opening)<tbody>\n\(rows.map { row($0) })</tbody>\(closing)"
    }

    /// Everything before the first row.
    package var opening: Markup {
        let heads = columns.map { column -> Markup in
            let number: Markup = column.kind == .number ? " class=\"num\"" : ""
            return "<th scope=\"col\"\(number)>\(column.title)</th>"
        }
        return """
            <div class="scroll" tabindex="0"><table class="\(style)"><thead><tr>\(heads)</tr></thead>
            """
    }

    /// Everything behind the last row.
    package var closing: Markup { "</table></div>" }

    /// One row, which links can lead to where it has an id.
    package func row(_ row: Row, id: String? = nil) -> Markup {
        let id = id.map { id -> Markup in " id=\"\(id)\"" }
        return "<tr\(id)>\(columns.map { cell($0, row) })</tr>\n"
    }

    /// Rows that share the head of the first of them.
    package func group(_ rows: [Row]) -> Markup {
        let lines = rows.enumerated().map { index, row -> Markup in
            let cells = columns.map { column -> Markup in
                guard column.kind == .head else { return cell(column, row) }
                guard index == 0 else { return .empty }
                let span: Markup = rows.count > 1 ? " rowspan=\"\(rows.count)\"" : ""
                return "<th scope=\"rowgroup\"\(span)>\(column.cell(row))</th>"
            }
            return "<tr>\(cells)</tr>\n"
        }
        return "<tbody>\(lines)</tbody>\n"
    }

    private func cell(_ column: Column, _ row: Row) -> Markup {
        let content = column.cell(row)
        let names = [column.kind == .number ? "num" : "", column.style(row)]
        let classes = names.filter { !$0.isEmpty }.joined(separator: " ")
        let style: Markup = classes.isEmpty ? .empty : " class=\"\(classes)\""
        switch column.kind {
        case .head: return "<th scope=\"row\"\(style)>\(content)</th>"
        case .plain: return "<td\(style)>\(content)</td>"
        case .text, .number: return "<td data-label=\"\(column.title)\"\(style)>\(content)</td>"
        }
    }
}
