/// Names with `*`, `?` and `[…]`, as shells and Ansible read them.
enum Glob {
    /// Whether the whole text fits the pattern.
    static func matches(_ text: String, _ pattern: String) -> Bool {
        let text = Array(text.unicodeScalars)
        let pattern = Array(pattern.unicodeScalars)
        // One place to go back to is enough: a later `*` covers whatever an earlier one could.
        var position = 0
        var index = 0
        var retry: (position: Int, index: Int)?
        while position < text.count {
            if index < pattern.count, pattern[index] == "*" {
                retry = (position, index + 1)
                index += 1
            } else if index < pattern.count,
                let next = step(pattern, index, over: text[position])
            {
                position += 1
                index = next
            } else if let back = retry {
                position = back.position + 1
                index = back.index
                retry = (position, index)
            } else {
                return false
            }
        }
        return pattern[index...].allSatisfy { $0 == "*" }
    }

    /// The index behind the element at `index` if it fits the scalar, or `nil`.
    private static func step(
        _ pattern: [Unicode.Scalar], _ index: Int, over scalar: Unicode.Scalar
    ) -> Int? {
        switch pattern[index] {
        case "?": return index + 1
        case "[":
            guard let set = set(pattern, index) else { return scalar == "[" ? index + 1 : nil }
            return set.contains(scalar) ? set.end : nil
        default: return pattern[index] == scalar ? index + 1 : nil
        }
    }

    private struct Set {
        let ranges: [ClosedRange<Unicode.Scalar>]
        let isNegated: Bool
        let end: Int

        func contains(_ scalar: Unicode.Scalar) -> Bool {
            ranges.contains { $0.contains(scalar) } != isNegated
        }
    }

    private static func set(_ pattern: [Unicode.Scalar], _ open: Int) -> Set? {
        var index = open + 1
        var isNegated = false
        if index < pattern.count, pattern[index] == "!" || pattern[index] == "^" {
            isNegated = true
            index += 1
        }
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        let start = index
        while index < pattern.count, pattern[index] != "]" || index == start {
            if index + 2 < pattern.count, pattern[index + 1] == "-", pattern[index + 2] != "]" {
                let (low, high) = (pattern[index], pattern[index + 2])
                if low <= high { ranges.append(low...high) }
                index += 3
            } else {
                ranges.append(pattern[index]...pattern[index])
                index += 1
            }
        }
        guard index < pattern.count else { return nil }
        return Set(ranges: ranges, isNegated: isNegated, end: index + 1)
    }
}
