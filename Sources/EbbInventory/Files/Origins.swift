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
