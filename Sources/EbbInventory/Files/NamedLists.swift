import EbbModel

/// Turns the lists whose elements have a name into maps by that name, so that they merge.
///
/// A host that declares one more path keeps the paths of its groups.
struct NamedLists {
    /// Where such lists stand below `ebb`, and which key names an element.
    private static let names: [[String]: String] = [
        ["persist"]: "mount", ["persistence"]: "path", ["accept"]: "path", ["datasets"]: "name",
        ["compliance", "waivers"]: "control", ["reboot", "quorum"]: "set",
    ]
    /// Where lists of plain names stand.
    private static let plain: Set<[String]> = [["presets"]]

    let problems: ProblemCollector

    /// The value of `ebb` with its named lists as maps.
    func normalised(_ value: YAMLValue, path: [String] = []) -> YAMLValue {
        switch value.content {
        case .map(let entries):
            guard path.count < 2 else { return value }
            let inner = entries.map { entry in
                YAMLValue.Entry(
                    key: entry.key, keyLocation: entry.keyLocation,
                    value: normalised(entry.value, path: path + [entry.key]))
            }
            return YAMLValue(.map(inner), at: value.location)
        case .list(let elements):
            if let key = Self.names[path] { return byName(elements, key, value, path) }
            if Self.plain.contains(path) { return byText(elements, value, path) }
            return value
        case .null, .scalar, .tagged: return value
        }
    }

    private func byName(
        _ elements: [YAMLValue], _ key: String, _ list: YAMLValue, _ path: [String]
    ) -> YAMLValue {
        var entries: [YAMLValue.Entry] = []
        let place = (["ebb"] + path).joined(separator: ".")
        for element in elements {
            guard element.entries != nil, let name = element[key]?.text else {
                problems.error(
                    at: element.location, "each element of \(place) is a map with “\(key)”",
                    hint: "write “- {\(key): …}”")
                continue
            }
            add(
                .init(key: name, keyLocation: element.location, value: element), to: &entries, place
            )
        }
        return YAMLValue(.map(entries), at: list.location)
    }

    private func byText(
        _ elements: [YAMLValue], _ list: YAMLValue, _ path: [String]
    ) -> YAMLValue {
        var entries: [YAMLValue.Entry] = []
        let place = (["ebb"] + path).joined(separator: ".")
        for element in elements {
            guard let text = element.text else {
                problems.error(
                    at: element.location, "each element of \(place) is a name, not \(element.kind)")
                continue
            }
            let name = text.hasPrefix("!") ? String(text.dropFirst()) : text
            add(
                .init(key: name, keyLocation: element.location, value: element), to: &entries, place
            )
        }
        return YAMLValue(.map(entries), at: list.location)
    }

    private func add(
        _ entry: YAMLValue.Entry, to entries: inout [YAMLValue.Entry], _ place: String
    ) {
        if let first = entries.first(where: { $0.key == entry.key }) {
            problems.error(
                at: entry.keyLocation,
                "\(place) names “\(PrintableText.line(entry.key))” twice",
                hint: "the first is at \(first.keyLocation)")
        } else {
            entries.append(entry)
        }
    }
}
