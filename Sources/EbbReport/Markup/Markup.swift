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
