import EbbModel

/// What one of Ebb's framed scripts asks: its nonce, and each probe with its shell text.
///
/// Values are found in the text by the words before them; nothing here runs a shell. That the real
/// scripts do what the machine does instead is shown by the probes' own tests and in the lab.
package struct ScriptedScript: Sendable {
    /// One question.
    package struct Probe: Sendable {
        package let name: String
        package let shell: String

        /// The first shell word that follows one of these texts, without its quotes.
        package func word(after texts: String...) -> String? {
            for text in texts {
                guard let found = shell.range(of: text) else { continue }
                return Self.words(shell[found.upperBound...]).first
            }
            return nil
        }

        /// The arguments that the script is given.
        package var arguments: [String] {
            lines(beginning: "set").first { $0.first == "--" }.map { Array($0.dropFirst()) } ?? []
        }

        /// The shell words of each line that begins with this one.
        package func lines(beginning command: String) -> [[String]] {
            shell.split(separator: "\n").compactMap { line in
                let words = Self.words(line)
                return words.first == command ? Array(words.dropFirst()) : nil
            }
        }

        /// The words of the first line, as single quotes group them.
        private static func words(_ text: Substring) -> [String] {
            var words: [String] = []
            var word: String?
            var isQuoted = false
            for character in text {
                switch character {
                case "'":
                    isQuoted.toggle()
                    word = word ?? ""
                case " ", "\n", "\"", ";", ")":
                    if isQuoted {
                        word?.append(character)
                        continue
                    }
                    if let whole = word { words.append(whole) }
                    word = nil
                    if character == "\n" { return words }
                default: word = (word ?? "") + String(character)
                }
            }
            if let word { words.append(word) }
            return words
        }
    }

    package let nonce: String
    package let probes: [Probe]

    /// Reads a script; `nil` for text that is none of Ebb's.
    init?(_ input: [UInt8]) {
        let text = String(decoding: input, as: UTF8.self)
        guard let mark = text.range(of: "\nebb_mark=") else { return nil }
        let nonce = String(text[mark.upperBound...].prefix { $0 != "\n" })
        self.nonce = nonce
        probes = text.split(separator: "\n").filter { $0.hasPrefix("ebb_probe ") }.map { line in
            let words = line.split(separator: " ")
            let end = "EBB_\(nonce)_\(words[2].dropFirst("ebb_".count))"
            let body = text.range(of: "<<'\(end)' &\n{\n").flatMap { begin in
                text.range(of: "\n} </dev/null\n\(end)\n", in: begin.upperBound).map {
                    text[begin.upperBound..<$0.lowerBound]
                }
            }
            return Probe(name: words[1].filter { $0 != "'" }, shell: String(body ?? ""))
        }
    }
}

extension String {
    /// Where a text is found first, at or after a place.
    fileprivate func range(of text: String, in start: Index? = nil) -> Range<Index>? {
        let bytes = utf8
        let wanted = Array(text.utf8)
        var index = start ?? startIndex
        while let found = bytes[index...].firstIndex(of: wanted[0]) {
            let rest = bytes[found...]
            if rest.starts(with: wanted) { return found..<bytes.index(found, offsetBy: wanted.count) }
            index = bytes.index(after: found)
        }
        return nil
    }
}
