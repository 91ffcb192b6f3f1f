/// Reads typed values out of one map, and notices unknown keys.
///
/// Each method returns `nil` both for a key that is not there and for one that is wrong: the latter
/// has been reported, so that the reader can go on and report the rest.
package final class MapReader {
    /// The map's name in messages, such as `ebb.reboot`.
    package let name: String
    /// Where the map begins.
    package let location: SourceLocation
    package let problems: ProblemCollector
    private let entries: [YAMLValue.Entry]
    /// Few enough for a linear search; most maps have no unknown key.
    private var asked: [String] = []

    /// Starts to read; anything but a map or nothing is a problem, and reads as an empty map.
    package init(_ value: YAMLValue, name: String, problems: ProblemCollector) {
        (self.name, self.problems) = (name, problems)
        location = value.location
        entries = value.entries ?? []
        if value.entries == nil, !value.isNull {
            problems.error(at: value.location, "\(name) must be a map, not \(value.kind)")
        }
    }

    /// The value of a key; `null` counts as not written.
    package func value(_ key: String) -> YAMLValue? {
        asked.append(key)
        guard let value = entries.first(where: { $0.key == key })?.value, !value.isNull else { return nil }
        return value
    }

    /// Whether the key is written with a value.
    package func has(_ key: String) -> Bool { value(key) != nil }

    /// What `parse` makes of a scalar; `expected` says in messages what it should have been.
    package static func scalar<Result>(
        _ value: YAMLValue, _ name: @autoclosure () -> String, _ expected: String, _ problems: ProblemCollector,
        _ parse: (String) -> Result?
    ) -> Result? {
        guard let text = value.text, let result = parse(text) else {
            problems.error(
                at: value.location, "\(name()) must be \(expected), not \(value.kind)",
                hint: value.text.map(isTemplate) == true ? "Ebb evaluates no templates" : nil)
            return nil
        }
        return result
    }

    /// Whether a text is a template of Ansible's.
    package static func isTemplate(_ text: String) -> Bool {
        var isOpen = false
        for byte in text.utf8 {
            let isBrace = byte == UInt8(ascii: "{")
            if isBrace, isOpen { return true }
            isOpen = isBrace
        }
        return false
    }

    /// Says that a key is missing, unless it is there and was reported otherwise.
    package func missing(_ key: String, hint: String? = nil) {
        guard !entries.contains(where: { $0.key == key && !$0.value.isNull }) else { return }
        problems.error(at: location, "\(name) lacks “\(key)”", hint: hint)
    }

    /// Reports a value of the wrong kind.
    package func wrong(_ key: String, _ value: YAMLValue, _ expected: String) {
        problems.error(at: value.location, "\(path(key)) must be \(expected), not \(value.kind)")
    }

    /// Reports every key that no method was asked for: call it last.
    package func finish() {
        for entry in entries where !asked.contains(entry.key) {
            problems.error(
                at: entry.keyLocation, "\(name) has no setting “\(entry.key)”",
                hint: Suggestion.hint(for: entry.key, among: asked))
        }
    }

    /// The full name of a key.
    package func path(_ key: String) -> String { name.isEmpty ? key : key.isEmpty ? name : "\(name).\(key)" }
}
