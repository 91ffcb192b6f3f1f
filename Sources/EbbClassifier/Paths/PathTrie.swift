import EbbModel

/// Many patterns for paths, asked at once.
///
/// A pattern is an absolute path whose components may hold `*`, `?`, `[…]`; a component `**` stands
/// for any number of components. A pattern holds for what it matches *and for everything below*, so
/// `/var/cache` and `/var/cache/**` say the same.
struct PathTrie: Sendable {
    /// What a pattern is about; of each kind the deepest match counts, then the first one given.
    enum Kind: Int, CaseIterable, Sendable { case mount, declared, catalogue, acceptance }

    /// The rules that hold for a path; -1 for none.
    struct Match: Equatable, Sendable {
        var mount: Int32 = -1
        var declared: Int32 = -1
        var catalogue: Int32 = -1
        var acceptance: Int32 = -1

        subscript(kind: Kind) -> Int32 {
            get {
                switch kind {
                case .mount: mount
                case .declared: declared
                case .catalogue: catalogue
                case .acceptance: acceptance
                }
            }
            set {
                switch kind {
                case .mount: mount = newValue
                case .declared: declared = newValue
                case .catalogue: catalogue = newValue
                case .acceptance: acceptance = newValue
                }
            }
        }
    }

    struct Node: Sendable {
        var children: [[UInt8]: Int32] = [:]
        var patterns: [(pattern: Glob, node: Int32)] = []
        /// The node after a `**` at this place.
        var deep: Int32 = -1
        /// Whether the node is such a one: it also stays where it is for every further component.
        var isDeep = false
        var rules = Match()
        /// A declared path below this exact path; -1 for none.
        var leadsToDeclared: Int32 = -1
        /// A mount point below this exact path; -1 for none.
        var leadsToMount: Int32 = -1

        /// Notes that a rule's path goes on below this node.
        mutating func lead(to rule: Int32, _ kind: Kind) {
            switch kind {
            case .declared: if leadsToDeclared < 0 { leadsToDeclared = rule }
            case .mount: if leadsToMount < 0 { leadsToMount = rule }
            case .catalogue, .acceptance: break
            }
        }
    }

    private(set) var nodes = [Node()]

    /// Adds a pattern; the first one given at an equal place wins.
    mutating func insert(_ pattern: [UInt8], kind: Kind, rule: Int32) {
        var node = 0
        for component in pattern.split(separator: UInt8(ascii: "/")) {
            nodes[node].lead(to: rule, kind)
            node = child(of: node, component)
        }
        if nodes[node].rules[kind] < 0 { nodes[node].rules[kind] = rule }
    }

    /// Adds a path that is to be taken literally, whatever bytes it holds.
    mutating func insert(literal path: [UInt8], kind: Kind, rule: Int32) {
        var node = 0
        for component in path.split(separator: UInt8(ascii: "/")) {
            nodes[node].lead(to: rule, kind)
            node = literalChild(of: node, Array(component))
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
