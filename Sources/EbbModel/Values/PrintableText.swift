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

    /// Text between double quotes, as YAML, JSON, curl and Nix read it back; the only place that quotes for them.
    ///
    /// Quotes, backslashes, newlines and tabs are escaped, and what else `escape` has an escape for.
    package static func quoted(_ text: String, escape: (Unicode.Scalar) -> String?) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            default: if let escaped = escape(scalar) { quoted += escaped } else { quoted.unicodeScalars.append(scalar) }
            }
        }
        return quoted + "\""
    }

    private static func escaped(_ bytes: some Sequence<UInt8>, keepingNewlines: Bool, doublingBackslash: Bool) -> String
    {
        let input = Array(bytes)
        func isPlain(_ byte: UInt8) -> Bool { (0x20..<0x7F).contains(byte) && !(doublingBackslash && byte == 0x5C) }
        // Nearly everything that hosts say is plain.
        guard var index = input.firstIndex(where: { !isPlain($0) }) else {
            return String(decoding: input, as: UTF8.self)
        }
        var output = Array(input[..<index])
        output.reserveCapacity(input.count + 16)
        while index < input.count {
            let byte = input[index]
            if byte < 0x80 {
                if isPlain(byte) { output.append(byte) } else { appendEscaped(byte, to: &output, keepingNewlines) }
                index += 1
                continue
            }
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
            let end = min(index + length, input.count)
            if let text = String(validating: input[index..<end], as: UTF8.self), text.unicodeScalars.count == 1,
                let scalar = text.unicodeScalars.first, isShowable(scalar)
            {
                output += input[index..<end]
                index = end
            } else {
                output += hex(byte)
                index += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func appendEscaped(_ byte: UInt8, to output: inout [UInt8], _ keepingNewlines: Bool) {
        switch byte {
        case 0x0A where keepingNewlines, 0x09 where keepingNewlines: output.append(byte)
        case 0x0A: output += "\\n".utf8
        case 0x09: output += "\\t".utf8
        case 0x5C: output += "\\\\".utf8
        default: output += hex(byte)
        }
    }

    /// Control, format (direction marks, joiners), line and paragraph separators, private and
    /// unassigned scalars are not shown: each can make a line look like another one.
    package static func isShowable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }

    private static func hex(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return [0x5C, 0x78, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
}
