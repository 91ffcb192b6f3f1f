package import EbbModel

extension MapReader {
    /// A text that is not empty.
    package func string(_ key: String) -> String? {
        scalar(key, "a text") { $0.isEmpty ? nil : $0 }
    }

    /// A text that must be there.
    package func requiredString(_ key: String, hint: String? = nil) -> String? {
        let text = string(key)
        if text == nil { missing(key, hint: hint) }
        return text
    }

    /// The texts of a list, or one text alone.
    package func strings(_ key: String) -> [String]? {
        list(key, orOne: true)?.compactMap { value in
            Self.scalar(value, path(key), "a text", problems) { $0.isEmpty ? nil : $0 }
        }
    }

    /// A whole number within a range.
    package func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        let expected =
            range.upperBound == .max
            ? "a whole number from \(range.lowerBound)"
            : "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return scalar(key, expected) { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A truth value, as YAML and Ansible spell them.
    package func bool(_ key: String) -> Bool? {
        scalar(key, "true or false") { text in
            switch text.lowercased() {
            case "true", "yes", "on", "1": true
            case "false", "no", "off", "0": false
            default: nil
            }
        }
    }

    /// A length of time, in seconds.
    package func span(_ key: String) -> Int? {
        scalar(key, "a length of time such as 30s, 26h or 30d", TimeSpan.seconds(_:))
    }

    /// One of the words of a closed list.
    package func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, _ type: Choice.Type = Choice.self
    ) -> Choice? where Choice.RawValue == String {
        guard let value = value(key) else { return nil }
        let words = Choice.allCases.map(\.rawValue)
        if let text = value.text, let choice = Choice(rawValue: text) { return choice }
        problems.error(
            at: value.location, "\(path(key)) cannot be \(value.kind)",
            hint: Suggestion.hint(for: value.text ?? "", among: words))
        return nil
    }

    /// A number of hosts: `2`, `10%`, `rest`.
    package func count(_ key: String) -> RebootSettings.Count? {
        scalar(key, "a number of hosts such as 2, 10% or rest", Self.count(_:))
    }

    /// Reads a number of hosts.
    package static func count(_ text: String) -> RebootSettings.Count? {
        if text == "rest" { return .rest }
        if text.hasSuffix("%") {
            return Int(text.dropLast()).flatMap { (1...100).contains($0) ? .percent($0) : nil }
        }
        return Int(text).flatMap { $0 > 0 ? .hosts($0) : nil }
    }
}
