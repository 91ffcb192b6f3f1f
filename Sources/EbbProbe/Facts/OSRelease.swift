/// Reads the name of a system out of `os-release`.
enum OSRelease {
    /// The value of `PRETTY_NAME`, unquoted; `nil` when there is none.
    static func prettyName(_ bytes: [UInt8]) -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        for line in text.split(separator: "\n") {
            guard line.hasPrefix("PRETTY_NAME=") else { continue }
            return unquoted(line.dropFirst("PRETTY_NAME=".count))
        }
        return nil
    }

    /// Undoes shell quoting, as far as the format allows it: one quoted or one bare word.
    private static func unquoted(_ value: Substring) -> String {
        var output = ""
        var quote: Character?
        var isEscaped = false
        for character in value {
            if isEscaped {
                output.append(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if quote == nil, character == "\"" || character == "'" {
                quote = character
            } else if character == quote {
                quote = nil
            } else {
                output.append(character)
            }
        }
        return output
    }
}
