import EbbModel
package import FoundationEssentials

/// JSON as text: members in their order, and nothing in it that a terminal would obey.
package enum JSONText {
    /// One document over several lines, ended by a newline.
    package static func document(_ value: JSON) -> String {
        var bytes: [UInt8] = []
        append(value, to: &bytes, indent: 0)
        bytes.append(newline)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// One line, without its newline: a record of a stream.
    package static func line(_ value: JSON) -> String {
        var bytes: [UInt8] = []
        append(value, to: &bytes, indent: nil)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// An instant in RFC 3339, UTC, to the second.
    package static func instant(_ date: Date) -> String {
        let seconds = date.timeIntervalSince1970.rounded(.down)
        // Reports hold a hundred thousand of these: counted by hand, but for the far ends.
        guard (0..<253_402_300_800).contains(seconds) else {
            let style = Date.ISO8601FormatStyle(timeZone: TimeZone(secondsFromGMT: 0) ?? .gmt)
            return date.formatted(style)
        }
        let (day, second) = Int(seconds).quotientAndRemainder(dividingBy: 86_400)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
        return "\(CalendarDate(daysSinceEpoch: day))T\(two(second / 3_600)):"
            + "\(two(second / 60 % 60)):\(two(second % 60))Z"
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

    /// Writes a value that begins where the output stands; `nil`: all on that line.
    static func write(_ value: JSON, to text: inout some TextOutputStream, indent: Int?) {
        var bytes: [UInt8] = []
        append(value, to: &bytes, indent: indent)
        text.write(String(decoding: bytes, as: UTF8.self))
    }

    static func write(string: String, to text: inout some TextOutputStream) {
        write(.string(string), to: &text, indent: nil)
    }

    private static let newline = UInt8(ascii: "\n")

    private static func append(_ value: JSON, to bytes: inout [UInt8], indent: Int?) {
        switch value {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .integer(let value): bytes += String(value).utf8
        case .number(let value): bytes += (value.isFinite ? String(value) : "null").utf8
        case .string(let value): append(string: value, to: &bytes)
        case .array(let values):
            append(values, "[", "]", to: &bytes, indent) { value, bytes, indent in
                append(value, to: &bytes, indent: indent)
            }
        case .object(let members):
            append(members, "{", "}", to: &bytes, indent) { member, bytes, indent in
                append(string: member.name, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                if indent != nil { bytes.append(UInt8(ascii: " ")) }
                append(member.value, to: &bytes, indent: indent)
            }
        }
    }

    private static func append<Element>(
        _ elements: [Element], _ open: Unicode.Scalar, _ close: Unicode.Scalar, to bytes: inout [UInt8], _ indent: Int?,
        each: (Element, inout [UInt8], Int?) -> Void
    ) {
        bytes.append(UInt8(ascii: open))
        let inner = indent.map { $0 + 2 }
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            if let inner { breakLine(&bytes, inner) }
            each(element, &bytes, inner)
        }
        if let indent, !elements.isEmpty { breakLine(&bytes, indent) }
        bytes.append(UInt8(ascii: close))
    }

    private static func breakLine(_ bytes: inout [UInt8], _ indent: Int) {
        bytes.append(newline)
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
