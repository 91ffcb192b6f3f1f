/// A program on a host and its arguments; never a shell line.
package struct RemoteCommand: Hashable, Sendable, Codable {
    /// The program's name or absolute path.
    package let program: String
    /// The arguments, exactly as the program receives them.
    package let arguments: [String]

    package init(_ program: String, _ arguments: String...) { self.init(program, arguments: arguments) }

    package init(_ program: String, arguments: [String]) { (self.program, self.arguments) = (program, arguments) }

    /// Reads a script from standard input; long or generated text travels this way, never in argv.
    package static let shellReadingInput = RemoteCommand("sh", "-s")

    /// The only place where a command becomes text for a shell: POSIX single quotes.
    package var shellLine: String { ([program] + arguments).map(Self.quoted).joined(separator: " ") }

    /// One word for a POSIX shell that stands for exactly this text.
    package static func quoted(_ word: String) -> String {
        if !word.isEmpty, word.holdsOnlyLettersDigits(and: "/._-,:@+%") { return word }
        // By bytes, as the shell reads: a quote with a combining mark behind it is one Character.
        return String(decoding: quoted(Array(word.utf8)), as: UTF8.self)
    }

    /// One word for a POSIX shell that stands for exactly these bytes (no NUL: the kernel has none).
    package static func quoted(_ bytes: [UInt8]) -> [UInt8] {
        var word: [UInt8] = [UInt8(ascii: "'")]
        for byte in bytes { if byte == UInt8(ascii: "'") { word += Array(#"'\''"#.utf8) } else { word.append(byte) } }
        return word + [UInt8(ascii: "'")]
    }
}
