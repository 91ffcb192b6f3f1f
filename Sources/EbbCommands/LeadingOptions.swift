/// Lets global options stand before the verb, as people write them: `ebb --inventory DIR drift`.
enum LeadingOptions {
    /// Options without a value; the rest of the global ones take one.
    private static let flags = ["-v", "-q", "--verbose", "--quiet"]
    private static let valued = [
        "--inventory", "-i", "--database", "--limit", "-l", "--format", "--color", "--parallel", "--connect-timeout",
        "--timeout", "--output", "-o",
    ]

    /// The arguments with leading global options moved behind the verb's own.
    ///
    /// They go to the end, or in front of the first `--`, behind which nothing is an option.
    static func moved(_ arguments: [String]) -> [String] {
        var rest = arguments[...]
        var leading: [String] = []
        while let word = rest.first {
            let name = word.prefix { $0 != "=" }
            if flags.contains(word) || (word.contains("=") && valued.contains(String(name))) {
                leading.append(rest.removeFirst())
            } else if valued.contains(word), rest.count > 1 {
                leading += [rest.removeFirst(), rest.removeFirst()]
            } else {
                break
            }
        }
        guard !leading.isEmpty, let verb = rest.first, !verb.hasPrefix("-") else { return arguments }
        let end = rest.firstIndex(of: "--") ?? rest.endIndex
        return Array(rest[..<end]) + leading + Array(rest[end...])
    }
}
