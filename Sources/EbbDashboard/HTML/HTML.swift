import EbbReport

/// Markup into which no text gets unescaped.
///
/// Literals are taken as they are; every text that is put into one is escaped:
/// `"<td>\(host.text)</td>"` is safe whatever the text holds, in elements and in quoted attributes.
/// A text longer than a table survives is cut: what hosts say must not make a page endless.
package struct HTML: Sendable, Hashable, ExpressibleByStringInterpolation {
    package let markup: String

    private init(markup: String) { self.markup = markup }

    package init(stringLiteral markup: String) { self.markup = markup }

    package init(stringInterpolation: Interpolation) { markup = stringInterpolation.markup }

    /// Nothing.
    package static let empty: HTML = ""

    /// The parts, one after the other.
    package static func all(_ parts: some Sequence<HTML>) -> HTML {
        HTML(markup: parts.reduce(into: "") { $0 += $1.markup })
    }

    /// Collects the parts of an interpolated literal.
    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var markup: String

        private static let maxText = 400

        package init(literalCapacity: Int, interpolationCount: Int) {
            markup = ""
            markup.reserveCapacity(literalCapacity + interpolationCount * 16)
        }

        /// Takes over markup that the program itself holds.
        package mutating func appendLiteral(_ literal: String) { markup += literal }

        /// Takes over markup that is safe already.
        package mutating func appendInterpolation(_ part: HTML) { markup += part.markup }

        /// Takes over several pieces of markup.
        package mutating func appendInterpolation(_ parts: [HTML]) {
            for part in parts { markup += part.markup }
        }

        /// Takes over markup, if there is any.
        package mutating func appendInterpolation(_ part: HTML?) {
            if let part { markup += part.markup }
        }

        /// Writes a number.
        package mutating func appendInterpolation(_ number: some BinaryInteger) {
            markup += String(number)
        }

        /// Writes text, with everything escaped that markup could be made of.
        package mutating func appendInterpolation(_ text: String) {
            // Control characters and direction marks would let a path look like another one.
            for scalar in PrintableLine.of(text, limit: Self.maxText).unicodeScalars {
                switch scalar {
                case "&": markup += "&amp;"
                case "<": markup += "&lt;"
                case ">": markup += "&gt;"
                case "\"": markup += "&quot;"
                case "'": markup += "&#39;"
                default: markup.unicodeScalars.append(scalar)
                }
            }
        }
    }
}
