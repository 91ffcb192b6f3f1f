/// Merges variables key by key.
///
/// Maps merge; scalars and lists replace, except the lists whose elements have a name of their own:
/// those became maps in `NamedLists`, and merge element by element.
enum SettingsMerge {
    /// Two values of equal rank that say different things.
    struct Conflict: Hashable {
        let path: [String]
        let one: SourceLocation
        let other: SourceLocation
    }

    /// What `top` says, and what `base` says where `top` is silent.
    static func merged(_ base: YAMLValue, under top: YAMLValue) -> YAMLValue {
        guard case .map(let upper) = top.content, case .map(var result) = base.content else { return top }
        for entry in upper {
            if let index = result.firstIndex(where: { $0.key == entry.key }) {
                let value = merged(result[index].value, under: entry.value)
                result[index] = .init(key: entry.key, keyLocation: entry.keyLocation, value: value)
            } else {
                result.append(entry)
            }
        }
        return YAMLValue(.map(result), at: top.location)
    }

    /// Values of equal rank together, and what they disagree about.
    static func united(_ values: [YAMLValue]) -> (value: YAMLValue, conflicts: [Conflict])? {
        guard var result = values.first else { return nil }
        var conflicts: [Conflict] = []
        for value in values.dropFirst() { result = united(result, value, path: [], &conflicts) }
        return (result, conflicts)
    }

    private static func united(_ one: YAMLValue, _ other: YAMLValue, path: [String], _ conflicts: inout [Conflict])
        -> YAMLValue
    {
        guard case .map(var result) = one.content, case .map(let more) = other.content else {
            if !one.says(theSameAs: other) {
                conflicts.append(Conflict(path: path, one: one.location, other: other.location))
            }
            return one
        }
        for entry in more {
            if let index = result.firstIndex(where: { $0.key == entry.key }) {
                result[index].value = united(result[index].value, entry.value, path: path + [entry.key], &conflicts)
            } else {
                result.append(entry)
            }
        }
        return YAMLValue(.map(result), at: one.location)
    }

    /// Whether a value settles what stands at a path, so that a conflict below it no longer matters.
    static func settles(_ value: YAMLValue, _ path: some Collection<String>) -> Bool {
        guard let key = path.first, value.entries != nil else { return true }
        guard let below = value[key] else { return false }
        return settles(below, path.dropFirst())
    }
}
