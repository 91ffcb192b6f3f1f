/// Finds what somebody probably meant.
package enum Suggestion {
    /// The known name nearest to a misspelt one, if any is near enough to be meant.
    package static func nearest(to word: String, among names: some Sequence<String>) -> String? {
        near(word, among: names).first
    }

    /// The known names that are nearest to a word, if near enough to be meant.
    package static func near(_ word: String, among names: some Sequence<String>) -> [String] {
        let limit = max(1, min(3, word.count / 3))
        let scored = names.compactMap { name -> (name: String, distance: Int)? in
            let distance = distance(word.lowercased(), name.lowercased())
            return distance <= limit ? (name, distance) : nil
        }
        let best = scored.map(\.distance).min()
        return scored.filter { $0.distance == best }.map(\.name).sorted()
    }

    /// “did you mean”, or the whole list where it is short enough to help.
    package static func hint(for word: String, among names: some Collection<String>) -> String? {
        if let name = nearest(to: word, among: names) { return "did you mean “\(name)”?" }
        guard !names.isEmpty, names.count <= 16 else { return nil }
        return "known: " + names.sorted().joined(separator: ", ")
    }

    /// How many letters have to be added, dropped, changed or swapped with their neighbour.
    static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.unicodeScalars)
        let right = Array(right.unicodeScalars)
        if left.isEmpty || right.isEmpty { return max(left.count, right.count) }
        if abs(left.count - right.count) > 3 { return abs(left.count - right.count) }
        var older: [Int] = []
        var previous = Array(0...right.count)
        for row in 1...left.count {
            var current = [row]
            for column in 1...right.count {
                let isSame = left[row - 1] == right[column - 1]
                var best = min(previous[column] + 1, current[column - 1] + 1, previous[column - 1] + (isSame ? 0 : 1))
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                    best = min(best, older[column - 2] + 1)
                }
                current.append(best)
            }
            older = previous
            previous = current
        }
        return previous[right.count]
    }
}
