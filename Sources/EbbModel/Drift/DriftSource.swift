/// Changed paths with their verdicts, sorted by path, which can be read any number of times.
package protocol DriftSource: Sendable {
    /// Calls `body` with each entry, in order.
    func forEachEntry(_ body: (DriftEntry) throws -> Void) throws
}

extension Array: DriftSource where Element == DriftEntry {
    /// Calls `body` with each entry, in the order of the array.
    package func forEachEntry(_ body: (DriftEntry) throws -> Void) throws { for entry in self { try body(entry) } }
}

extension DriftSource {
    /// The entries that are wanted, for where they are known to be few.
    package func entries(where isWanted: (DriftEntry) -> Bool = { _ in true }) throws -> [DriftEntry] {
        var entries: [DriftEntry] = []
        try forEachEntry { if isWanted($0) { entries.append($0) } }
        return entries
    }
}
