import EbbModel
import EbbTestSupport
import Testing

@Suite struct GlobTests {
    @Test func `a pattern matches what shells and OpenSSH say it matches`() {
        let shell: [(String, matching: [String], other: [String])] = [
            ("db*", ["db", "db1", "db-a.b"], ["adb", "d", ""]), ("w?b", ["web", "w*b"], ["wb", "weeb"]),
            ("[a-c]1", ["a1", "c1"], ["d1", "-1", "1"]), ("[!a-c]1", ["d1"], ["a1", "1"]),
            ("[^x]", ["y", "^"], ["x", ""]), ("[]x]", ["]", "x"], ["y", "[]x]"]), ("[a-]", ["a", "-"], ["b"]),
            ("[z-a]", [], ["z", "a", "m", "-"]), ("a[b", ["a[b"], ["ab"]), ("a\\*", ["a*"], ["a\\*", "ab"]),
            ("*.*.*", ["a.b.c", "..", "a..b"], ["a.b"]), ("*", ["", "anything"], []), ("", [""], ["a"]),
        ]
        for (pattern, matching, other) in shell {
            for name in matching { #expect(Glob(pattern).matches(name), "\(pattern) on \(name)") }
            for name in other { #expect(!Glob(pattern).matches(name), "\(pattern) on \(name)") }
        }
        #expect(Glob("[a]*", .openSSH).matches("[a]b"))
        #expect(!Glob("[a]*", .openSSH).matches("ab"))
        #expect(Glob("a\\?", .openSSH).matches("a\\b"))
        #expect(Glob("a\\*b").literal == Array("a*b".utf8))
        #expect(Glob("a?").literal == nil)
    }

    @Test func `the matcher agrees with its definition on random patterns and names`() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let pieces = ["a", "b", "-", "*", "?", "[", "]", "!", "\\", "[ab]", "[!a]", "[a-c]", "\u{e9}"]
        for _ in 0..<20_000 {
            let pattern = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? "a"
            }.joined()
            let name = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                ["a", "b", "c", "-", "[", "]", "!", "\\", "*", "\u{e9}"].randomElement(using: &random) ?? "a"
            }.joined()
            for syntax in [Glob.Syntax.shell, .openSSH] {
                let wanted = Self.matches(Array(pattern.utf8)[...], Array(name.utf8)[...], syntax == .shell)
                #expect(Glob(pattern, syntax).matches(name) == wanted, "seed \(seed): \(syntax) \(pattern) on \(name)")
            }
        }
    }

    /// The definition, straight from the text of the pattern, by trying everything.
    private static func matches(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>, _ hasSets: Bool) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        let rest = pattern.dropFirst()
        switch Character(UnicodeScalar(first)) {
        case "*": return (0...name.count).contains { matches(rest, name.dropFirst($0), hasSets) }
        case "?": return !name.isEmpty && matches(rest, name.dropFirst(), hasSets)
        case "\\" where hasSets && !rest.isEmpty:
            return name.first == rest.first && matches(rest.dropFirst(), name.dropFirst(), hasSets)
        case "[" where hasSets:
            var members = rest
            let isNegated = "!^".utf8.contains(members.first ?? 0)
            if isNegated { members = members.dropFirst() }
            // Behind its first member, the next `]` that ends no range closes the set.
            guard let close = close(members) else { break }
            guard let byte = name.first else { return false }
            return contains(members[..<close], byte) != isNegated
                && matches(members[(close + 1)...], name.dropFirst(), hasSets)
        default: break
        }
        return name.first == first && matches(rest, name.dropFirst(), hasSets)
    }

    private static func close(_ members: ArraySlice<UInt8>) -> Int? {
        members.indices.dropFirst().first { members[$0] == UInt8(ascii: "]") }
    }

    private static func contains(_ members: ArraySlice<UInt8>, _ byte: UInt8) -> Bool {
        guard let first = members.first else { return false }
        let rest = members.dropFirst()
        if rest.count > 1, rest.first == UInt8(ascii: "-"), let end = rest.dropFirst().first {
            return (first <= byte && byte <= end) || contains(rest.dropFirst(2), byte)
        }
        return first == byte || contains(rest, byte)
    }
}
