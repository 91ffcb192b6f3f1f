package import EbbModel

extension [DriftEntry] {
    /// The entries as a store wants them: by path, change, kind and verdict, the first of equal ones.
    package var inStoreOrder: [DriftEntry] {
        func words(_ entry: DriftEntry) -> (String, String, String) {
            (entry.change.change.rawValue, entry.change.kind.rawValue, entry.verdict.rawValue)
        }
        let sorted = enumerated().sorted { left, right in
            let (a, b) = (left.element, right.element)
            if a.change.path != b.change.path { return a.change.path < b.change.path }
            return words(a) == words(b) ? left.offset < right.offset : words(a) < words(b)
        }.map(\.element)
        return sorted.reduce(into: []) { kept, entry in
            if let last = kept.last, last.change.path == entry.change.path, words(last) == words(entry) { return }
            kept.append(entry)
        }
    }
}
