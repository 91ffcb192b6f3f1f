import EbbModel

/// Walks a `PathTrie` along a stream of paths.
///
/// What holds for the directories of one path is kept for the next, so that sorted paths cost one
/// component each. Any order gives the same answers.
struct PathCursor: Sendable {
    /// What holds for a directory of the current path, and for all below it.
    struct Frame: Sendable {
        /// Length of the path up to and with this component.
        var length: Int
        /// Where its live trie nodes stand in `active`.
        var activeStart: Int
        var match: PathTrie.Match
        /// Per kind, how many components deep the rule was found; which distinguishes a path from one below it.
        var depths = PathTrie.Match()
        /// Rules for paths that lie below exactly this one.
        var leads = PathTrie.Match()
    }

    private let trie: PathTrie
    private var path: [UInt8] = []
    private var frames: [Frame] = []
    private var active: [Int32] = []

    init(_ trie: PathTrie) {
        self.trie = trie
        reset()
    }

    /// Number of components of the current path.
    var depth: Int { frames.count - 1 }

    /// What holds for the current path.
    var frame: Frame { frames[frames.count - 1] }

    /// How many leading components of the last path the current one shares.
    private(set) var sharedDepth = 0

    /// The part of the current path at which the rule of a kind was found.
    func place(of kind: PathTrie.Kind) -> ArraySlice<UInt8> {
        let depth = Int(frame.depths[kind])
        return depth < 0 ? path[...] : path[..<frames[depth].length]
    }

    /// Whether the rule of a kind was given for the path itself, not for a directory above it.
    func isExact(_ kind: PathTrie.Kind) -> Bool { Int(frame.depths[kind]) == depth }

    private mutating func reset() {
        path = []
        active = []
        frames = [Frame(length: 0, activeStart: 0, match: PathTrie.Match())]
        enter(0)
        settle()
    }

    /// Moves to an absolute path.
    mutating func move(to new: [UInt8]) {
        new.withUnsafeBufferPointer { new in
            let common = path.withUnsafeBufferPointer { Self.sharedLength($0, new) }
            // A frame stays when its component ends where both paths have a boundary.
            while frames.count > 1 {
                let length = frames[frames.count - 1].length
                if length <= common, length == new.count || new[length] == UInt8(ascii: "/") { break }
                active.removeLast(active.count - frames[frames.count - 1].activeStart)
                frames.removeLast()
            }
            sharedDepth = frames.count - 1
            var start = frames[frames.count - 1].length
            path.removeLast(path.count - start)
            while start < new.count {
                guard new[start] == UInt8(ascii: "/") else { break }
                var end = start + 1
                while end < new.count, new[end] != UInt8(ascii: "/") { end += 1 }
                if end == start + 1 { break }
                push(UnsafeBufferPointer(rebasing: new[(start + 1)..<end]), length: end)
                start = end
            }
            path.append(contentsOf: new[path.count..<start])
        }
    }

    /// How many leading bytes are equal.
    private static func sharedLength(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Int {
        let limit = min(left.count, right.count)
        let (mine, theirs) = (UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right))
        var index = 0
        while index + 8 <= limit,
            mine.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                == theirs.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        { index += 8 }
        while index < limit, left[index] == right[index] { index += 1 }
        return index
    }

    private mutating func push(_ name: UnsafeBufferPointer<UInt8>, length: Int) {
        let above = frames[frames.count - 1]
        let start = active.count
        frames.append(Frame(length: length, activeStart: start, match: above.match, depths: above.depths))
        if above.activeStart == start { return }
        var key: [UInt8]?
        for position in above.activeStart..<start {
            let index = Int(active[position])
            if !trie.nodes[index].children.isEmpty {
                let name = key ?? Array(name)
                key = name
                if let child = trie.nodes[index].children[name] { enter(child) }
            }
            for (pattern, child) in trie.nodes[index].patterns where pattern.matches(name) { enter(child) }
            if trie.nodes[index].isDeep { enter(Int32(index)) }
        }
        settle()
    }

    /// Makes a node live, with the one behind a `**` that may stand for nothing.
    private mutating func enter(_ node: Int32) {
        active.append(node)
        let deep = trie.nodes[Int(node)].deep
        if deep >= 0 { active.append(deep) }
    }

    /// Takes the rules of the live nodes; literal ones come first and win.
    private mutating func settle() {
        let last = frames.count - 1
        let depth = Int32(last)
        for position in frames[last].activeStart..<active.count {
            let node = Int(active[position])
            let rules = trie.nodes[node].rules
            for kind in PathTrie.Kind.allCases where rules[kind] >= 0 {
                // A `**` that spans many components must not hide a rule that is more specific.
                if frames[last].depths[kind] == depth { continue }
                if trie.nodes[node].isDeep, frames[last].match[kind] >= 0 { continue }
                frames[last].match[kind] = rules[kind]
                frames[last].depths[kind] = depth
            }
            if trie.nodes[node].isDeep { continue }
            frames[last].leads.complete(with: trie.nodes[node].leads)
        }
    }
}

/// Many patterns for paths, asked at once.
///
/// A pattern is an absolute path whose components may hold `*`, `?`, `[…]`; a component `**` stands
/// for any number of components. A pattern holds for what it matches *and for everything below*, so
/// `/var/cache` and `/var/cache/**` say the same.
struct PathTrie: Sendable {
    /// What a pattern is about; of each kind the deepest match counts, then the first one given.
    enum Kind: Int, CaseIterable, Sendable { case mount, declared, catalogue, acceptance }

    /// A rule of each kind, or another number that belongs to it; -1 for none.
    struct Match: Equatable, Sendable {
        private var rules = SIMD4<Int32>(repeating: -1)

        subscript(kind: Kind) -> Int32 {
            get { rules[kind.rawValue] }
            set { rules[kind.rawValue] = newValue }
        }

        /// Takes over what another one has and this one lacks.
        mutating func complete(with other: Match) { rules.replace(with: other.rules, where: rules .< 0) }
    }

    struct Node: Sendable {
        var children: [[UInt8]: Int32] = [:]
        var patterns: [(pattern: Glob, node: Int32)] = []
        /// The node after a `**` at this place.
        var deep: Int32 = -1
        /// Whether the node is such a one: it also stays where it is for every further component.
        var isDeep = false
        var rules = Match()
        /// Rules whose paths go on below this exact path, the first ones given.
        var leads = Match()
    }

    private(set) var nodes = [Node()]

    /// Adds a pattern, or a path that is to be taken literally, whatever bytes it holds; the first one given
    /// at an equal place wins.
    mutating func insert(_ path: [UInt8], kind: Kind, rule: Int32, isLiteral: Bool = false) {
        var node = 0
        for component in path.split(separator: UInt8(ascii: "/")) {
            if nodes[node].leads[kind] < 0 { nodes[node].leads[kind] = rule }
            node = isLiteral ? literalChild(of: node, Array(component)) : child(of: node, component)
        }
        if nodes[node].rules[kind] < 0 { nodes[node].rules[kind] = rule }
    }

    private mutating func child(of node: Int, _ component: ArraySlice<UInt8>) -> Int {
        if component.elementsEqual("**".utf8) {
            if nodes[node].isDeep { return node }
            if nodes[node].deep < 0 {
                nodes[node].deep = Int32(nodes.count)
                var deep = Node()
                deep.isDeep = true
                nodes.append(deep)
            }
            return Int(nodes[node].deep)
        }
        let pattern = Glob(component)
        if let literal = pattern.literal { return literalChild(of: node, literal) }
        if let known = nodes[node].patterns.first(where: { $0.pattern == pattern }) { return Int(known.node) }
        nodes[node].patterns.append((pattern, Int32(nodes.count)))
        nodes.append(Node())
        return nodes.count - 1
    }

    private mutating func literalChild(of node: Int, _ name: [UInt8]) -> Int {
        if let known = nodes[node].children[name] { return Int(known) }
        nodes[node].children[name] = Int32(nodes.count)
        nodes.append(Node())
        return nodes.count - 1
    }
}
