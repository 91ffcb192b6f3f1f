package import EbbModel

extension Inventory {
    /// The hosts that a pattern chooses, in the order of the files; never none.
    ///
    /// A name that is neither a host nor a group is an error wherever it stands: a misspelt
    /// exclusion would choose the very host that it was meant to spare.
    package func hosts(matching pattern: HostPattern, limitedTo limit: HostPattern? = nil) throws(PatternError)
        -> [HostName]
    {
        var chosen = try evaluated(pattern)
        if let limit { chosen.formIntersection(try evaluated(limit)) }
        guard !chosen.isEmpty else {
            let both = limit.map { "“\(pattern)” limited to “\($0)”" } ?? "“\(pattern)”"
            throw PatternError(message: "\(both) chooses no host", hint: hint(for: pattern))
        }
        return hosts.map(\.name).filter(chosen.contains)
    }

    private func evaluated(_ pattern: HostPattern) throws(PatternError) -> Set<HostName> {
        var unions: [Set<HostName>] = []
        var intersections: [Set<HostName>] = []
        var exclusions: [Set<HostName>] = []
        for term in pattern.terms {
            let matched = Set(try matched(by: term))
            switch term.role {
            case .union: unions.append(matched)
            case .intersection: intersections.append(matched)
            case .exclusion: exclusions.append(matched)
            }
        }
        var chosen = unions.isEmpty ? Set(hosts.map(\.name)) : unions.reduce(into: []) { $0.formUnion($1) }
        for set in intersections { chosen.formIntersection(set) }
        for set in exclusions { chosen.subtract(set) }
        return chosen
    }

    private func matched(by term: HostPattern.Term) throws(PatternError) -> [HostName] {
        let found: [HostName]
        switch term.matcher {
        case .name(let name): found = try named(name, term)
        case .glob(let text):
            let glob = Glob(text)
            found = anything { glob.matches($0) }
        case .regex(let source):
            guard let regex = try? Regex(source) else { return [] }
            found = anything { (try? regex.prefixMatch(in: $0)) != nil }
        }
        guard let slice = term.slice else { return found }
        let first = slice.first < 0 ? found.count + slice.first : slice.first
        let end = slice.last.map { $0 < 0 ? found.count + $0 : $0 } ?? found.count - 1
        guard first >= 0, first <= end, first < found.count else { return [] }
        return Array(found[first...min(end, found.count - 1)])
    }

    private func named(_ name: String, _ term: HostPattern.Term) throws(PatternError) -> [HostName] {
        if name == "all" { return hosts.map(\.name) }
        if groups[name] != nil { return members(of: name) }
        if let host = try? HostName(name), self.host(host) != nil { return [host] }
        var hint = nearMisses(name)
        if let slice = term.slice {
            let start = hosts.first { $0.name.text == "\(name)\(slice.first)" }
            if let start { hint = "[…] counts within a group; “\(start.name)” is a host: write \(name)*" }
        }
        throw PatternError(message: "“\(PrintableText.line(name))” is neither a host nor a group", hint: hint)
    }

    /// Hosts of every group whose name fits, and hosts whose own name fits.
    private func anything(_ fits: (String) -> Bool) -> [HostName] {
        var found: Set<HostName> = []
        for group in groups.keys where fits(group) { found.formUnion(members(of: group)) }
        for host in hosts where fits(host.name.text) { found.insert(host.name) }
        return found.sorted { position(of: $0) < position(of: $1) }
    }

    private func nearMisses(_ name: String) -> String? {
        let names = hosts.map(\.name.text) + groups.keys
        let near = Suggestion.near(name, among: names).prefix(3)
        if near.isEmpty { return "`ebb inventory list` shows what there is" }
        return "did you mean " + near.map { "“\($0)”" }.joined(separator: " or ") + "?"
    }

    private func hint(for pattern: HostPattern) -> String? {
        for term in pattern.terms {
            guard case .glob(let glob) = term.matcher, term.role == .union else { continue }
            let letters = glob.filter { !"*?[]".contains($0) }
            if let hint = nearMisses(letters), hint.hasPrefix("did") { return hint }
        }
        return pattern.terms.count > 1
            ? "its parts leave nothing: list each with `ebb inventory list PATTERN`"
            : "`ebb inventory list` shows what there is"
    }
}
