import EbbModel

/// Lists every written setting of a host with the place it came from.
enum Origins {
    /// The settings below a map of variables, in the order in which they were written.
    static func of(_ variables: YAMLValue) -> [Inventory.Origin] {
        var origins: [Inventory.Origin] = []
        collect(variables, "", into: &origins)
        return origins
    }

    private static func collect(
        _ value: YAMLValue, _ name: String, element: String? = nil, into origins: inout [Inventory.Origin]
    ) {
        guard case .map(let entries) = value.content, !entries.isEmpty else {
            origins.append(.init(key: name, value: shown(value, name), location: value.location))
            return
        }
        // An element's own name stands in its brackets; alone, it is all there is to show.
        let rest = entries.filter { element == nil || $0.value.text != element }
        for entry in rest.isEmpty ? entries : rest where !entry.value.isNull {
            let key = PrintableText.line(entry.key)
            let isName = !key.holdsOnlyLettersDigits(and: "_") && key.contains(where: isOfName)
            let path = isName ? "\(name)[\(key)]" : name.isEmpty ? key : "\(name).\(key)"
            collect(entry.value, path, element: isName ? entry.key : nil, into: &origins)
        }
    }

    /// Whether a character makes a key the name of an element.
    private static func isOfName(_ character: Character) -> Bool {
        !character.isLetter && !character.isNumber && character != "_"
    }

    /// The value in YAML's flow style, with secrets masked.
    private static func shown(_ value: YAMLValue, _ name: String) -> String {
        if name.hasSuffix("password") { return Secret("").description }
        switch value.content {
        case .null: return "null"
        case .scalar(let text, _): return PrintableText.line(text)
        case .tagged(let tag): return PrintableText.line(tag)
        case .list(let values): return "[" + values.map { shown($0, "") }.joined(separator: ", ") + "]"
        case .map(let entries):
            if entries.isEmpty { return "(empty)" }
            let members = entries.map { "\(PrintableText.line($0.key)): \(shown($0.value, $0.key))" }
            return "{" + members.joined(separator: ", ") + "}"
        }
    }
}

/// Turns the lists whose elements have a name into maps by that name, so that they merge.
///
/// A host that declares one more path keeps the paths of its groups.
struct NamedLists {
    private static let shape = SettingShape.map(HostSettings.declared.map { $0.entry(nil) })

    let problems: ProblemCollector

    /// The value of `ebb` with its named lists as maps.
    func normalised(_ value: YAMLValue) -> YAMLValue { normalised(value, Self.shape, "ebb") }

    private func normalised(_ value: YAMLValue, _ shape: SettingShape, _ place: String) -> YAMLValue {
        switch (value.content, shape) {
        case (.map(let entries), .map(let settings)):
            let inner = entries.map { entry in
                var entry = entry
                if let setting = settings.first(where: { $0.key == entry.key }) {
                    entry.value = normalised(entry.value, setting.shape, "\(place).\(entry.key)")
                }
                return entry
            }
            return YAMLValue(.map(inner), at: value.location)
        case (.list(let elements), .named(let key, _)):
            return map(elements, value, place, "a map with “\(key)”", hint: "write “- {\(key): …}”") { $0[key]?.text }
        case (.list(let elements), .names):
            return map(elements, value, place, "a name") { element in
                element.text.map { $0.hasPrefix("!") ? String($0.dropFirst()) : $0 }
            }
        default: return value
        }
    }

    /// A list as a map by the names of its elements.
    private func map(
        _ elements: [YAMLValue], _ list: YAMLValue, _ place: String, _ expected: String, hint: String? = nil,
        name: (YAMLValue) -> String?
    ) -> YAMLValue {
        var entries: [YAMLValue.Entry] = []
        for element in elements {
            guard let name = name(element) else {
                problems.error(
                    at: element.location, "each element of \(place) is \(expected), not \(element.kind)", hint: hint)
                continue
            }
            if let first = entries.first(where: { $0.key == name }) {
                problems.error(
                    at: element.location, "\(place) names “\(PrintableText.line(name))” twice",
                    hint: "the first is at \(first.keyLocation)")
            } else {
                entries.append(.init(key: name, keyLocation: element.location, value: element))
            }
        }
        return YAMLValue(.map(entries), at: list.location)
    }
}
