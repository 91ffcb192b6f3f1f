import EbbModel

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
