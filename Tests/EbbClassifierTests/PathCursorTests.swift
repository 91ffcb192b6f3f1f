import EbbTestSupport
import Testing

@testable import EbbClassifier

@Suite struct PathCursorTests {
    /// Whether a pattern holds for a path, by definition: it matches the path or a directory above.
    func holds(_ pattern: [String], _ path: ArraySlice<String>) -> Bool {
        (0...path.count).contains { matches(pattern[...], path.prefix($0)) }
    }

    func matches(_ pattern: ArraySlice<String>, _ path: ArraySlice<String>) -> Bool {
        guard let first = pattern.first else { return path.isEmpty }
        if first == "**" { return (0...path.count).contains { matches(pattern.dropFirst(), path.dropFirst($0)) } }
        guard let name = path.first else { return false }
        return glob(Array(first.utf8)[...], Array(name.utf8)[...]) && matches(pattern.dropFirst(), path.dropFirst())
    }

    func glob(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        switch first {
        case UInt8(ascii: "*"): return (0...name.count).contains { glob(pattern.dropFirst(), name.dropFirst($0)) }
        case UInt8(ascii: "?"): return !name.isEmpty && glob(pattern.dropFirst(), name.dropFirst())
        case UInt8(ascii: "["):
            // The generator writes one form only: two bytes in brackets.
            guard let byte = name.first else { return false }
            let set = pattern.dropFirst().prefix(2)
            return set.contains(byte) && glob(pattern.dropFirst(4), name.dropFirst())
        default: return name.first == first && glob(pattern.dropFirst(), name.dropFirst())
        }
    }

    @Test func `a pattern holds exactly where its definition says, in any order of paths`() {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededRandom(seed: seed)
        let names = ["a", "b", "ab", "abc", "ba", "c"]
        let globs = ["a", "b", "ab", "*", "a*", "*b", "?", "a?", "[ab]", "[ab]*", "**", "*a*b*"]
        for _ in 0..<400 {
            let patterns = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
                (0..<Int.random(in: 1...4, using: &generator)).map { _ in globs.randomElement(using: &generator) ?? "a"
                }
            }
            let paths = (0..<30).map { _ in
                (0..<Int.random(in: 0...5, using: &generator)).map { _ in names.randomElement(using: &generator) ?? "a"
                }
            }
            var cursors = patterns.map { pattern in
                var trie = PathTrie()
                trie.insert(Array(("/" + pattern.joined(separator: "/")).utf8), kind: .acceptance, rule: 0)
                return PathCursor(trie)
            }
            for path in paths {
                for (index, pattern) in patterns.enumerated() {
                    cursors[index].move(to: Array(("/" + path.joined(separator: "/")).utf8))
                    let found = cursors[index].frame.match[.acceptance] == 0
                    #expect(found == holds(pattern, path[...]), "seed \(seed): \(pattern) on \(path)")
                }
            }
        }
    }

    @Test func `the deepest rule wins, and of one place the first`() {
        var trie = PathTrie()
        for (index, pattern) in ["/var/**", "/var/lib", "/var/lib/app", "/var/lib/*"].enumerated() {
            trie.insert(Array(pattern.utf8), kind: .catalogue, rule: Int32(index))
        }
        var cursor = PathCursor(trie)
        for (path, rule) in [
            ("/var/lib/app/data", 2), ("/var/lib/other", 3), ("/var/lib", 1), ("/var/x/y", 0), ("/etc", -1), ("/", -1),
        ] {
            cursor.move(to: Array(path.utf8))
            #expect(cursor.frame.match[.catalogue] == Int32(rule), "\(path)")
        }
    }

    @Test func `a name that looks like a glob is only itself when it is given literally`() {
        var trie = PathTrie()
        trie.insert(Array("/a/[x]*".utf8), kind: .declared, rule: 0, isLiteral: true)
        var cursor = PathCursor(trie)
        cursor.move(to: Array("/a/xy".utf8))
        #expect(cursor.frame.match[.declared] == -1)
        cursor.move(to: Array("/a/[x]*/below".utf8))
        #expect(cursor.frame.match[.declared] == 0 && !cursor.isExact(.declared))
    }
}
