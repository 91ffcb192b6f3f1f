/// A choice of hosts as Ansible's users write it: `build_farm:&zfs:!builder3`.
///
/// Whatever the written order, unions come first, then intersections (`&`), then exclusions (`!`).
package struct HostPattern: Sendable, Hashable, CustomStringConvertible {
    /// One element of a pattern.
    struct Term: Sendable, Hashable {
        enum Role: Sendable, Hashable { case union, intersection, exclusion }

        enum Matcher: Sendable, Hashable {
            case name(String)
            case glob(String)
            case regex(String)
        }

        let role: Role
        let matcher: Matcher
        /// Positions in the list of hosts that matched, both ends included.
        let slice: Slice?
        /// The term as written, for messages.
        let text: String
    }

    /// Positions in a list; negative ones count from its end.
    struct Slice: Sendable, Hashable {
        let first: Int
        /// `nil`: up to the end.
        let last: Int?
    }

    package let description: String
    let terms: [Term]

    /// Reads a pattern; `readFile` gives the text of a file that `@file` names.
    package init(_ text: String, readFile: (String) throws(PatternError) -> String) throws(PatternError) {
        var terms: [Term] = []
        for word in Self.words(text) {
            guard word.hasPrefix("@") else {
                terms.append(try Self.term(word))
                continue
            }
            let lines = try readFile(String(word.dropFirst())).split(whereSeparator: \.isNewline)
            for line in lines {
                let entry = Self.trimmed(line)
                if entry.isEmpty || entry.hasPrefix("#") { continue }
                for word in Self.words(entry) { terms.append(try Self.term(word)) }
            }
        }
        guard !terms.isEmpty else {
            throw PatternError(message: "the pattern “\(text)” is empty", hint: "“all” is everyone")
        }
        (description, self.terms) = (text, terms)
    }

    /// Splits at `,` and `:` outside brackets, so that slices, regular expressions and IPv6
    /// addresses in brackets stay whole.
    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var depth = 0
        for character in text {
            switch character {
            case "[", "(", "{": depth += 1
            case "]", ")", "}": depth -= 1
            case ",", ":":
                if depth > 0 { break }
                words.append(trimmed(word[...]))
                word = ""
                continue
            default: break
            }
            word.append(character)
        }
        words.append(trimmed(word[...]))
        return words.filter { !$0.isEmpty }
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    private static func term(_ word: String) throws(PatternError) -> Term {
        var rest = Substring(word)
        var role = Term.Role.union
        if let sign = rest.first, sign == "!" || sign == "&" {
            role = sign == "!" ? .exclusion : .intersection
            rest = rest.dropFirst()
        }
        guard !rest.isEmpty else {
            throw PatternError(message: "“\(word)” names nothing", hint: "write a host or a group behind the sign")
        }
        if rest.hasPrefix("~") {
            let source = String(rest.dropFirst())
            guard (try? Regex(source)) != nil else {
                throw PatternError(
                    message: "“\(source)” is no regular expression", hint: "quote the pattern, and check its brackets")
            }
            return Term(role: role, matcher: .regex(source), slice: nil, text: word)
        }
        let (name, slice) = sliced(rest)
        // An address with colons stands in brackets: [fd00::1].
        if name.hasPrefix("["), name.hasSuffix("]"), name.contains(":") {
            let inner = String(name.dropFirst().dropLast())
            return Term(role: role, matcher: .name(inner), slice: slice, text: word)
        }
        let isGlob = name.contains { "*?[".contains($0) }
        let matcher = isGlob ? Term.Matcher.glob(String(name)) : .name(String(name))
        return Term(role: role, matcher: matcher, slice: slice, text: word)
    }

    /// Takes `[0]`, `[-1]`, `[0:2]`, `[1:]` or `[0-2]` off the end of a name.
    private static func sliced(_ text: Substring) -> (name: Substring, slice: Slice?) {
        guard text.hasSuffix("]"), let open = text.lastIndex(of: "["), open > text.startIndex else {
            return (text, nil)
        }
        let inner = text[text.index(after: open)...].dropLast()
        if let single = Int(inner) { return (text[..<open], Slice(first: single, last: single)) }
        let ends = inner.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == ":" || $0 == "-" }
        guard ends.count == 2, let first = Int(ends[0]), first >= 0 else { return (text, nil) }
        if ends[1].isEmpty { return (text[..<open], Slice(first: first, last: nil)) }
        guard let last = Int(ends[1]) else { return (text, nil) }
        return (text[..<open], Slice(first: first, last: last))
    }
}

/// A pattern that cannot be read, or that chooses nothing.
package struct PatternError: Error, Hashable, CustomStringConvertible {
    package let message: String
    package let hint: String?

    package init(message: String, hint: String?) { (self.message, self.hint) = (message, hint) }

    package var description: String { message }
}
