import EbbModel
import EbbPlan
package import FoundationEssentials

/// A JSON value whose members keep the order in which they were written.
package enum JSON: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([Member])
    /// An array whose values are made while it is written: a long one is never held whole.
    case lazy(Lazy)

    /// Values that are made anew whenever they are asked for.
    package struct Lazy: Sendable, Hashable {
        let make: @Sendable () -> AnySequence<JSON>

        package static func == (left: Lazy, right: Lazy) -> Bool { left.make().elementsEqual(right.make()) }

        package func hash(into hasher: inout Hasher) { for value in make() { hasher.combine(value) } }
    }

    /// A name and its value.
    package struct Member: Sendable, Hashable {
        package let name: String
        package let value: JSON

        package init(_ name: String, _ value: JSON) { (self.name, self.value) = (name, value) }
    }

    /// The members of an object; nothing else has any.
    var members: [Member] {
        guard case .object(let members) = self else { return [] }
        return members
    }

    /// An integer of any width that fits.
    package static func count(_ value: some BinaryInteger) -> JSON { .integer(Int64(clamping: value)) }

    /// An integer, or `null`.
    package static func count(_ value: (some BinaryInteger)?) -> JSON { optional(value) { .count($0) } }

    /// An instant in RFC 3339, or `null`.
    package static func instant(_ date: Date?) -> JSON { optional(date) { .string(JSONText.instant($0)) } }

    /// The members of both, those of the left first.
    package static func + (left: JSON, right: JSON) -> JSON { .object(left.members + right.members) }

    /// The value, or `null`.
    package static func optional<Value>(_ value: Value?, _ make: (Value) -> JSON) -> JSON { value.map(make) ?? .null }

    /// A text, or `null`.
    package static func optional(_ text: String?) -> JSON { optional(text) { .string($0) } }

    /// An array with the values of each element, made one after the other when they are written.
    static func each<Element: Sendable>(_ elements: [Element], _ make: @escaping @Sendable (Element) -> [JSON]) -> JSON
    { .lazy(Lazy { AnySequence(elements.lazy.flatMap(make)) }) }

    /// An array of texts.
    package static func strings(_ texts: some Sequence<String>) -> JSON { .array(texts.map { .string($0) }) }
}

extension JSON: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringInterpolation,
    ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    package init(dictionaryLiteral elements: (String, JSON)...) { self = .object(elements.map { Member($0.0, $0.1) }) }

    package init(arrayLiteral elements: JSON...) { self = .array(elements) }

    package init(stringLiteral text: String) { self = .string(text) }

    package init(integerLiteral value: Int64) { self = .integer(value) }

    package init(booleanLiteral value: Bool) { self = .bool(value) }

    package init(nilLiteral: ()) { self = .null }
}

/// JSON as text: members in their order, and nothing in it that a terminal would obey.
package enum JSONText {
    /// One document over several lines, ended by a newline.
    package static func document(_ value: JSON) -> String {
        var text = ""
        write(value, to: &text)
        return text
    }

    /// Writes what `document` gives, piece by piece.
    static func write(_ value: JSON, to output: inout some TextOutputStream) {
        var bytes: [UInt8] = []
        append(value, to: &bytes, indent: 0) { bytes in
            output.write(String(decoding: bytes, as: UTF8.self))
            bytes.removeAll(keepingCapacity: true)
        }
        output.write(String(decoding: bytes, as: UTF8.self) + "\n")
    }

    /// One line, without its newline: a record of a stream.
    package static func line(_ value: JSON) -> String {
        var bytes: [UInt8] = []
        append(value, to: &bytes, indent: nil) { _ in }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// An instant in RFC 3339, UTC, to the second.
    package static func instant(_ date: Date) -> String {
        // Reports hold a hundred thousand of these: counted by hand, but for the far ends.
        let text = UTCText.rfc3339(date)
        if !text.isEmpty { return text }
        return date.formatted(Date.ISO8601FormatStyle(timeZone: TimeZone(secondsFromGMT: 0) ?? .gmt))
    }

    /// Any encodable value, its members sorted by name so that equal values give equal text.
    package static func encoded(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(instant(date))
        }
        let plain = String(decoding: try encoder.encode(value), as: UTF8.self)
        // Every unsafe scalar that is left stands inside a string: structure is plain ASCII.
        var text = ""
        text.reserveCapacity(plain.utf8.count)
        for scalar in plain.unicodeScalars {
            if PrintableText.isShowable(scalar) || scalar == "\n" {
                text.unicodeScalars.append(scalar)
            } else {
                text += escaped(scalar)
            }
        }
        return text + "\n"
    }

    /// Appends a value; `flush` may take what is there after each value of a lazy array.
    private static func append(_ value: JSON, to bytes: inout [UInt8], indent: Int?, flush: (inout [UInt8]) -> Void) {
        switch value {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .integer(let value): bytes += String(value).utf8
        case .number(let value): bytes += (value.isFinite ? String(value) : "null").utf8
        case .string(let value): append(string: value, to: &bytes)
        case .array(let values):
            append(values, "[", "]", to: &bytes, indent) { append($0, to: &$1, indent: $2, flush: flush) }
        case .lazy(let values):
            append(values.make(), "[", "]", to: &bytes, indent) { value, bytes, indent in
                append(value, to: &bytes, indent: indent, flush: flush)
                flush(&bytes)
            }
        case .object(let members):
            append(members, "{", "}", to: &bytes, indent) { member, bytes, indent in
                append(string: member.name, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                if indent != nil { bytes.append(UInt8(ascii: " ")) }
                append(member.value, to: &bytes, indent: indent, flush: flush)
            }
        }
    }

    private static func append<Element>(
        _ elements: some Sequence<Element>, _ open: Unicode.Scalar, _ close: Unicode.Scalar, to bytes: inout [UInt8],
        _ indent: Int?, each: (Element, inout [UInt8], Int?) -> Void
    ) {
        bytes.append(UInt8(ascii: open))
        let inner = indent.map { $0 + 2 }
        var isEmpty = true
        for element in elements {
            if !isEmpty { bytes.append(UInt8(ascii: ",")) }
            isEmpty = false
            if let inner { breakLine(&bytes, inner) }
            each(element, &bytes, inner)
        }
        if let indent, !isEmpty { breakLine(&bytes, indent) }
        bytes.append(UInt8(ascii: close))
    }

    private static func breakLine(_ bytes: inout [UInt8], _ indent: Int) {
        bytes.append(UInt8(ascii: "\n"))
        for _ in 0..<indent { bytes.append(UInt8(ascii: " ")) }
    }

    private static func append(string: String, to bytes: inout [UInt8]) {
        let isPlain = string.utf8.allSatisfy {
            (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
        // Control characters, direction marks and separators are escaped: JSON is read on terminals.
        bytes +=
            (isPlain
            ? "\"\(string)\"" : PrintableText.quoted(string) { PrintableText.isShowable($0) ? nil : escaped($0) }).utf8
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        String(scalar).utf16.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
    }
}
