/// Makes bytes from a host safe to show; the only place that decides what a terminal may see.
package enum PrintableText {
    /// One line: every control character, invalid byte, line separator and direction mark escaped.
    package static func line(_ bytes: some Sequence<UInt8>) -> String {
        escaped(bytes, keepingNewlines: false, doublingBackslash: false)
    }

    /// One line of text; see `line(_:)` for bytes.
    package static func line(_ text: String) -> String { line(text.utf8) }

    /// Many lines: as `line(_:)`, but newlines and tabs stay.
    package static func block(_ bytes: some Sequence<UInt8>) -> String {
        escaped(bytes, keepingNewlines: true, doublingBackslash: false)
    }

    /// A path: as `line(_:)`, with backslashes doubled so that the escapes can be read back.
    package static func path(_ bytes: some Sequence<UInt8>) -> String {
        escaped(bytes, keepingNewlines: false, doublingBackslash: true)
    }

    private static func escaped(
        _ bytes: some Sequence<UInt8>, keepingNewlines: Bool, doublingBackslash: Bool
    ) -> String {
        let input = Array(bytes)
        var output = ""
        output.reserveCapacity(input.count)
        var index = 0
        while index < input.count {
            let byte = input[index]
            if byte < 0x80 {
                appendASCII(byte, to: &output, keepingNewlines, doublingBackslash)
                index += 1
                continue
            }
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
            let end = min(index + length, input.count)
            if let text = String(validating: input[index..<end], as: UTF8.self),
                text.unicodeScalars.count == 1, let scalar = text.unicodeScalars.first,
                isShowable(scalar)
            {
                output.unicodeScalars.append(scalar)
                index = end
            } else {
                output += hex(byte)
                index += 1
            }
        }
        return output
    }

    private static func appendASCII(
        _ byte: UInt8, to output: inout String, _ keepingNewlines: Bool, _ doublingBackslash: Bool
    ) {
        switch byte {
        case 0x0A, 0x09:
            if keepingNewlines {
                output.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                output += byte == 0x0A ? "\\n" : "\\t"
            }
        case 0x5C where doublingBackslash: output += "\\\\"
        case 0x20..<0x7F: output.unicodeScalars.append(Unicode.Scalar(byte))
        default: output += hex(byte)
        }
    }

    /// Control, format (direction marks, joiners), line and paragraph separators, private and
    /// unassigned scalars are not shown: each can make a line look like another one.
    private static func isShowable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
            .unassigned:
            false
        default: true
        }
    }

    private static func hex(_ byte: UInt8) -> String {
        let digits = Array("0123456789abcdef")
        return "\\x" + String(digits[Int(byte >> 4)]) + String(digits[Int(byte & 15)])
    }
}
