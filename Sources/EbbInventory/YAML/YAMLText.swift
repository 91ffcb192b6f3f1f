import EbbModel
import Yams

/// Reads one YAML document, and writes scalars.
package enum YAMLText {
    /// The value of a text, or `nil` when it cannot be read, which is reported.
    ///
    /// Anchors, aliases and merge keys (`<<`) are resolved. A text without any content is `null`.
    package static func value(of bytes: [UInt8], file: String, problems: ProblemCollector) -> YAMLValue? {
        let start = SourceLocation(file: file, line: 1)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            problems.error(at: start, "the file is not UTF-8", hint: "save it as UTF-8")
            return nil
        }
        if text.hasPrefix("$ANSIBLE_VAULT;") {
            problems.warning(
                at: start, "the file is encrypted with ansible-vault and was ignored",
                hint: "keep what Ebb needs in a file of its own")
            return YAMLValue(.null, at: start)
        }
        do {
            // Words stay words here: what a plain one means, its reader says.
            guard let node = try Yams.compose(yaml: text, .basic) else { return YAMLValue(.null, at: start) }
            var reader = NodeReader(file: file, problems: problems)
            return reader.value(of: node, near: start)
        } catch let error as YamlError { problems.add(problem(error, file)) } catch {
            problems.error(at: start, "the file cannot be read as YAML: \(error)")
        }
        return nil
    }

    private static func problem(_ error: YamlError, _ file: String) -> SourceProblem {
        switch error {
        case .scanner(_, let text, let mark, _), .parser(_, let text, let mark, _), .composer(_, let text, let mark, _):
            return SourceProblem(
                at: SourceLocation(file: file, line: mark.line), "not YAML: \(text)",
                hint: "often a wrong indentation, a missing space after “:”, or a missing quote")
        case .duplicatedKeysInMapping(let names, let context):
            let list = names.map { "“\($0)”" }.joined(separator: ", ")
            return SourceProblem(
                at: SourceLocation(file: file, line: context.mark.line), "the key \(list) stands twice in one map",
                hint: "keep one of them")
        case .reader(let text, _, _, _), .writer(let text), .emitter(let text), .representer(let text):
            return SourceProblem(at: SourceLocation(file: file, line: 1), "not YAML: \(text)")
        case .no, .memory, .dataCouldNotBeDecoded:
            return SourceProblem(at: SourceLocation(file: file, line: 1), "not readable as YAML")
        }
    }

    /// The text as a double-quoted scalar that reads back as exactly this text.
    ///
    /// What YAML does not take as it is (its c-printable), and what a reader would not see, is escaped.
    package static func quoted(_ text: String) -> String {
        PrintableText.quoted(text) { scalar in
            if PrintableText.isShowable(scalar) { return nil }
            let digits = String(scalar.value, radix: 16)
            return "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
        }
    }

    /// The text as it is where nobody could take it for anything else than this text, else quoted.
    package static func word(_ text: String) -> String {
        let taken = ["yes", "no", "true", "false", "on", "off", "null", "y", "n"]
        let isLetter = { (byte: UInt8) in (0x61...0x7A).contains(byte | 0x20) }
        guard let first = text.utf8.first, isLetter(first), !taken.contains(text.lowercased()),
            text.holdsOnlyLettersDigits(and: ".-_")
        else { return quoted(text) }
        return text
    }
}

/// Turns Yams' nodes into values, within bounds.
private struct NodeReader {
    /// Aliases can multiply: ten lines of YAML can name a billion values.
    private static let limit = 2_000_000

    let file: String
    let problems: ProblemCollector
    private var count = 0

    init(file: String, problems: ProblemCollector) { (self.file, self.problems) = (file, problems) }

    mutating func value(of node: Node, near parent: SourceLocation) -> YAMLValue {
        let location = node.mark.map { SourceLocation(file: file, line: $0.line) } ?? parent
        count += 1
        guard count <= Self.limit else {
            problems.error(
                at: SourceLocation(file: file, line: 1), "the file holds too many values",
                hint: "split it, or use fewer aliases")
            return YAMLValue(.null, at: location)
        }
        switch node {
        case .scalar(let scalar): return YAMLValue(content(of: scalar, node), at: location)
        case .sequence(let sequence):
            return YAMLValue(.list(sequence.map { value(of: $0, near: location) }), at: location)
        case .mapping(let mapping): return YAMLValue(.map(entries(of: mapping, near: location)), at: location)
        case .alias:
            problems.error(at: location, "an alias that leads nowhere")
            return YAMLValue(.null, at: location)
        }
    }

    private func content(of scalar: Node.Scalar, _ node: Node) -> YAMLValue.Content {
        let isPlain = scalar.style == .plain || scalar.style == .any
        let tag = scalar.tag.description
        if tag.hasPrefix("!"), tag != "!", tag != "!unsafe" { return .tagged(tag) }
        if isPlain, ["", "~", "null", "Null", "NULL"].contains(scalar.string) { return .null }
        return .scalar(scalar.string, isPlain: isPlain)
    }

    private mutating func entries(of mapping: Node.Mapping, near parent: SourceLocation) -> [YAMLValue.Entry] {
        var entries: [YAMLValue.Entry] = []
        var merged: [YAMLValue.Entry] = []
        for (key, node) in mapping {
            let place = key.mark.map { SourceLocation(file: file, line: $0.line) } ?? parent
            let value = value(of: node, near: place)
            guard case .scalar(let scalar) = key else {
                problems.error(at: place, "a key must be a plain word, not a list or a map")
                continue
            }
            if scalar.string == "<<", scalar.style == .plain {
                merged += mergeEntries(value)
            } else {
                entries.append(.init(key: scalar.string, keyLocation: place, value: value))
            }
        }
        for entry in merged where !entries.contains(where: { $0.key == entry.key }) { entries.append(entry) }
        return entries
    }

    private func mergeEntries(_ value: YAMLValue) -> [YAMLValue.Entry] {
        switch value.content {
        case .map(let entries): return entries
        case .list(let values): return values.flatMap { $0.entries ?? [] }
        case .null, .scalar, .tagged:
            problems.error(at: value.location, "“<<” wants a map, not \(value.kind)")
            return []
        }
    }
}
