import EbbModel
package import FoundationEssentials

/// JSON as text: members in their order, and nothing in it that a terminal would obey.
package enum JSONText {
    /// One document over several lines, ended by a newline.
    package static func document(_ value: JSON) -> String {
        var text = ""
        write(value, to: &text, indent: 0)
        return text + "\n"
    }

    /// One line, without its newline: a record of a stream.
    package static func line(_ value: JSON) -> String {
        var text = ""
        write(value, to: &text, indent: nil)
        return text
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
            if isSafe(scalar) || scalar == "\n" {
                text.unicodeScalars.append(scalar)
            } else {
                text += escaped(scalar)
            }
        }
        return text + "\n"
    }

    /// Writes a value that begins where the output stands; `nil`: all on that line.
    static func write(_ value: JSON, to text: inout some TextOutputStream, indent: Int?) {
        switch value {
        case .null: text.write("null")
        case .bool(let value): text.write(value ? "true" : "false")
        case .integer(let value): text.write(String(value))
        case .number(let value): text.write(value.isFinite ? String(value) : "null")
        case .string(let value): write(string: value, to: &text)
        case .array(let values):
            write(values, "[", "]", to: &text, indent) { value, text, indent in
                write(value, to: &text, indent: indent)
            }
        case .object(let members):
            write(members, "{", "}", to: &text, indent) { member, text, indent in
                write(string: member.name, to: &text)
                text.write(indent == nil ? ":" : ": ")
                write(member.value, to: &text, indent: indent)
            }
        }
    }

    private static func write<Element, Output: TextOutputStream>(
        _ elements: [Element], _ open: String, _ close: String, to text: inout Output,
        _ indent: Int?, each: (Element, inout Output, Int?) -> Void
    ) {
        text.write(open)
        let inner = indent.map { $0 + 2 }
        for (index, element) in elements.enumerated() {
            if index > 0 { text.write(",") }
            if let inner { text.write("\n" + String(repeating: " ", count: inner)) }
            each(element, &text, inner)
        }
        if let indent, !elements.isEmpty {
            text.write("\n" + String(repeating: " ", count: indent))
        }
        text.write(close)
    }

    static func write(string: String, to text: inout some TextOutputStream) {
        let isPlain = string.utf8.allSatisfy {
            (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
        text.write("\"")
        text.write(isPlain ? string : quoted(string))
        text.write("\"")
    }

    private static func quoted(_ string: String) -> String {
        var text = ""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case _ where isSafe(scalar): text.unicodeScalars.append(scalar)
            default: text += escaped(scalar)
            }
        }
        return text
    }

    /// Control characters, direction marks and separators are escaped: JSON is read on terminals.
    private static func isSafe(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x20..<0x7F).contains(scalar.value) }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
            return false
        default: return true
        }
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        String(scalar).utf16.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
    }
}
