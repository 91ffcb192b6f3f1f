package import EbbModel

/// Adds an accepted loss to a variables file, which keeps its comments and its order.
///
/// Lines are added, none is changed; what YAML reads in the result is compared with what it read
/// before, so that nothing but the acceptance can have been added.
package enum AcceptanceEdit {
    /// Why a file is left as it is.
    package struct Refusal: Error, Sendable, CustomStringConvertible {
        package let message: String
        package var description: String { message }
    }

    /// The text of the file with the acceptance in it.
    package static func apply(_ acceptance: Acceptance, to text: String, file: String) throws(Refusal) -> String {
        let old = try read(text, file)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let edited = try insert(acceptance, into: lines, old, file).joined(separator: "\n")
        let new = try read(edited, file)
        let wanted = item(acceptance)
        let rest = canonical(new, skipping: ["ebb", "accept"])
        let before = canonical(old, skipping: ["ebb", "accept"])
        let kept = (old["ebb"]?["accept"]).map(elements) ?? []
        let now = (new["ebb"]?["accept"]).map(elements) ?? []
        let expected = elements(try read("- " + wanted, file))
        guard rest == before, now == kept + expected else {
            throw Refusal(
                message: "Ebb cannot edit \(file) safely (its layout); add by hand below ebb.accept: \(wanted)")
        }
        return edited
    }

    /// The acceptance as the element of a list.
    package static func item(_ acceptance: Acceptance) -> String {
        var parts = [
            "path: \(YAMLText.quoted(acceptance.path))", "reason: \(YAMLText.quoted(acceptance.reason))",
            "by: \(YAMLText.word(acceptance.by))",
        ]
        if let until = acceptance.until { parts.append("until: \(until)") }
        if let named = acceptance.namedClass { parts.append("class: \(named.rawValue)") }
        if acceptance.isEverything == true { parts.append("everything: true") }
        return "{" + parts.joined(separator: ", ") + "}"
    }

    private static func read(_ text: String, _ file: String) throws(Refusal) -> YAMLValue {
        let problems = ProblemCollector()
        guard let value = YAMLText.value(of: Array(text.utf8), file: file, problems: problems),
            problems.problems.isEmpty
        else {
            let reason = problems.problems.first?.description ?? "no reason was given"
            throw Refusal(message: "\(file) cannot be read: \(reason)")
        }
        return value
    }

    private static func insert(_ acceptance: Acceptance, into lines: [String], _ root: YAMLValue, _ file: String)
        throws(Refusal) -> [String]
    {
        let item = "- " + item(acceptance)
        var lines = lines
        guard root.isNull || root.entries != nil else { throw Refusal(message: "\(file) holds no map of variables") }
        guard let ebb = root.entries?.first(where: { $0.key == "ebb" }) else {
            while lines.last?.isEmpty == true { lines.removeLast() }
            if !lines.isEmpty { lines.append("") }
            return lines + ["ebb:", "  accept:", "    " + item, ""]
        }
        let head = ebb.keyLocation.line - 1
        try needBlock(lines, head, "ebb", file, item)
        let first = ebb.value.entries?.first.map { indent(lines[$0.keyLocation.line - 1]) }
        let inner = first ?? indent(lines[head]) + 2
        guard let accept = ebb.value.entries?.first(where: { $0.key == "accept" }) else {
            let end = end(of: head, in: lines)
            lines.insert(contentsOf: [spaces(inner) + "accept:", spaces(inner + 2) + item], at: end)
            return lines
        }
        let list = accept.keyLocation.line - 1
        if let range = lines[list].firstRange(of: "accept: []") {
            lines[list].replaceSubrange(range, with: "accept:")
            lines.insert(spaces(inner + 2) + item, at: list + 1)
            return lines
        }
        try needBlock(lines, list, "accept", file, item)
        guard case .list(let elements) = accept.value.content, let element = elements.first else {
            lines.insert(spaces(inner + 2) + item, at: list + 1)
            return lines
        }
        let dash = indent(lines[element.location.line - 1])
        let last = elements[elements.count - 1].location.line - 1
        lines.insert(spaces(dash) + item, at: end(of: last, in: lines))
        return lines
    }

    /// A key's line must end with the key: what is written behind it cannot be continued below.
    private static func needBlock(_ lines: [String], _ index: Int, _ key: String, _ file: String, _ item: String)
        throws(Refusal)
    {
        let text = lines[index].drop { $0 == " " }
        let rest = text.dropFirst(key.count + 1).drop { $0 == " " }
        guard text.hasPrefix(key + ":"), rest.isEmpty || rest.hasPrefix("#") else {
            throw Refusal(
                message: "\(file):\(index + 1) writes \(key) on one line, which is not edited; " + "add there: \(item)")
        }
    }

    /// The line behind all that belongs to a line: what is indented deeper.
    ///
    /// Blank lines and comments at the end belong to what comes after them.
    private static func end(of index: Int, in lines: [String]) -> Int {
        let own = indent(lines[index])
        var end = index + 1
        var next = index + 1
        while next < lines.count {
            let text = lines[next].drop { $0 == " " }
            if text.isEmpty {
                next += 1
                continue
            }
            if indent(lines[next]) <= own,
                !(text.hasPrefix("- ") && own == indent(lines[next])
                    && lines[index].drop(while: { $0 == " " }).hasPrefix("- ") == false)
            {
                break
            }
            next += 1
            if !text.hasPrefix("#") || indent(lines[next - 1]) > own { end = next }
        }
        return end
    }

    private static func indent(_ line: String) -> Int { line.prefix { $0 == " " }.count }

    private static func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }

    /// A value as text without places, the order of maps kept; the value at one key path left out.
    private static func canonical(_ value: YAMLValue, skipping path: [String]) -> String {
        if let entries = value.entries {
            let parts = entries.compactMap { entry -> String? in
                guard path.first == entry.key else { return entry.key + "=" + canonical(entry.value, skipping: []) }
                if path.count == 1 { return nil }
                let inside = canonical(entry.value, skipping: Array(path.dropFirst()))
                // A map that was not there is there now, and holds the list alone.
                return inside == "{}" ? nil : entry.key + "=" + inside
            }
            return "{" + parts.joined(separator: ";") + "}"
        }
        if case .list(let elements) = value.content {
            return "[" + elements.map { canonical($0, skipping: []) }.joined(separator: ";") + "]"
        }
        if value.isNull { return path.isEmpty ? "null" : "{}" }
        return "\(value.content)"
    }

    private static func elements(_ value: YAMLValue) -> [String] {
        guard case .list(let elements) = value.content else { return [] }
        return elements.map { canonical($0, skipping: []) }
    }
}
