/// A story told in commands: files, what is typed, and what must come back.
///
/// ```
/// # What the story shows.
/// === inventory/hosts.yml
/// all: …
/// $ ebb inventory check
/// …standard output…
/// ! …standard error…
/// ? 2
/// ```
/// A line `? N` ends a command whose exit status is not 0.
struct CommandScript {
    enum Part {
        /// Lines that stay as they are: the story.
        case comment(String)
        case file(path: String, lines: [String])
        case command(line: String, expected: [String])
    }

    let parts: [Part]

    init(_ text: String) {
        var parts: [Part] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("=== ") {
                parts.append(.file(path: String(line.dropFirst(4)), lines: []))
            } else if line.hasPrefix("$ ") {
                parts.append(.command(line: String(line.dropFirst(2)), expected: []))
            } else {
                switch parts.last {
                case .file(let path, let lines): parts[parts.count - 1] = .file(path: path, lines: lines + [line])
                case .command(let command, let expected):
                    parts[parts.count - 1] = .command(line: command, expected: expected + [line])
                case .comment, nil: parts.append(.comment(line))
                }
            }
        }
        // The last newline of the file is no line of output.
        if case .command(let line, let expected) = parts.last, expected.last == "" {
            parts[parts.count - 1] = .command(line: line, expected: expected.dropLast())
        }
        self.parts = parts
    }

    /// The script with other answers.
    func recorded(_ answers: [[String]]) -> String {
        var lines: [String] = []
        var answers = answers[...]
        for part in parts {
            switch part {
            case .comment(let line): lines.append(line)
            case .file(let path, let content): lines += ["=== " + path] + content
            case .command(let line, let expected): lines += ["$ " + line] + (answers.popFirst() ?? expected)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Words of a command line; quotes keep blanks together.
    static func words(_ line: String) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in line {
            if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + "\(character)" }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character == " " {
                if let complete = word { words.append(complete) }
                word = nil
            } else {
                word = (word ?? "") + "\(character)"
            }
        }
        return words + (word.map { [$0] } ?? [])
    }
}
