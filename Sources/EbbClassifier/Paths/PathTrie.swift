import EbbModel

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
