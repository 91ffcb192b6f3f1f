package import FoundationEssentials

/// A loss that a person accepted, until a date.
package struct Acceptance: Hashable, Sendable, Codable {
    /// What a glob covers only where it is named.
    package enum NamedClass: String, Hashable, Sendable, Codable, CaseIterable { case secret }

    /// A path or a glob (`*`, `?`, `[…]` within a component, `**` across components).
    package var path: String
    package var reason: String
    package var by: String
    /// Last day in force (UTC), as `YYYY-MM-DD`; `nil` means no expiry was given.
    package var until: String?
    /// `secret` where secrets that the path covers may be lost as well.
    package var namedClass: NamedClass?
    /// Whether somebody said that a whole top directory, or the whole root, is meant.
    package var isEverything: Bool?

    package init(
        path: String, reason: String, by: String, until: String? = nil, namedClass: NamedClass? = nil,
        isEverything: Bool? = nil
    ) {
        (self.path, self.reason, self.by, self.until) = (path, reason, by, until)
        (self.namedClass, self.isEverything) = (namedClass, isEverything)
    }
}

extension Acceptance {
    /// A path as a pattern that means it and nothing else.
    package static func escaped(_ path: String) -> String {
        var text = ""
        for character in path {
            if "\\*?[".contains(character) { text.append("\\") }
            text.append(character)
        }
        return text
    }

    /// The one path that is named, where the pattern has no wildcard.
    package var literalPath: BytePath? {
        var bytes: [UInt8] = []
        for component in components {
            guard !component.elementsEqual("**".utf8), let name = Glob(component).literal else { return nil }
            bytes += [UInt8(ascii: "/")] + name
        }
        return bytes.isEmpty ? BytePath("/") : BytePath(bytes: bytes)
    }

    /// Whether it takes in the whole root, or a whole top directory such as `/etc`.
    package var isWide: Bool {
        var components = components[...]
        while let last = components.last, last.contains(UInt8(ascii: "*")),
            last.allSatisfy({ $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") })
        { components.removeLast() }
        return components.count < 2
    }

    /// Whether it holds on that day (UTC); one whose last day cannot be read never does.
    package func isInForce(on day: CalendarDate) -> Bool {
        guard let until else { return true }
        return CalendarDate(until).map { day <= $0 } ?? false
    }

    /// What is said of a path that it covers.
    package var words: String {
        let what = namedClass == .secret ? "accepted, as a secret as well," : "accepted"
        return what + (until.map { " until \($0)" } ?? "") + " by \(by): \(reason)"
    }

    /// When it ends; `nil` where it has no end, or none that can be read.
    package var endsAt: Date? {
        until.flatMap { CalendarDate($0) }.map { Date(timeIntervalSince1970: Double($0.daysSinceEpoch + 1) * 86_400) }
    }

    fileprivate var components: [ArraySlice<UInt8>] { Array(path.utf8).split(separator: UInt8(ascii: "/")) }
}

/// Acceptances of one host, asked about one path after the other.
package struct AcceptedLosses: Sendable {
    private enum Part {
        case name(Glob)
        /// `**`
        case any
    }

    private struct Rule: Sendable {
        let acceptance: Acceptance
        let parts: [Part]
        let literal: BytePath?
    }

    private let rules: [Rule]

    package init(_ acceptances: [Acceptance]) {
        rules = acceptances.map { acceptance in
            Rule(
                acceptance: acceptance,
                parts: acceptance.components.map { $0.elementsEqual("**".utf8) ? .any : .name(Glob($0)) },
                literal: acceptance.literalPath)
        }
    }

    /// The first acceptance that covers a path and of which `holds` is true.
    ///
    /// An acceptance covers what it matches and all below it; a secret only where it names the class, or is
    /// that very path.
    package func covering(_ path: BytePath, isSecret: Bool, where holds: (Acceptance) -> Bool) -> Acceptance? {
        let components = path.bytes.split(separator: UInt8(ascii: "/"))
        return rules.first { rule in
            if isSecret, rule.acceptance.namedClass != .secret, rule.literal != path { return false }
            return Self.matches(rule.parts[...], components[...]) && holds(rule.acceptance)
        }?.acceptance
    }

    /// Whether a path that was accepted when it was judged still is, on that day (UTC).
    ///
    /// What is stored does not tell a secret by its name from one by its permissions alone, which any glob
    /// covers; so for both the acceptance of then counts as long as it stands as it stood.
    package func stillCovers(_ accepted: DriftEntry, on day: CalendarDate) -> Bool {
        covering(accepted.change.path, isSecret: accepted.isSecret) { $0.isInForce(on: day) } != nil
            || covering(accepted.change.path, isSecret: false) { $0.isInForce(on: day) && $0.words == accepted.reason }
                != nil
    }

    /// Since when a path that was accepted is not any more; `nil` where that cannot be told.
    package func endOfCover(_ accepted: DriftEntry) -> Date? {
        rules.filter { $0.acceptance.words == accepted.reason }.compactMap(\.acceptance.endsAt).max()
    }

    private static func matches(_ parts: ArraySlice<Part>, _ path: ArraySlice<ArraySlice<UInt8>>) -> Bool {
        guard let part = parts.first else { return true }
        switch part {
        case .any: return (0...path.count).contains { matches(parts.dropFirst(), path.dropFirst($0)) }
        case .name(let glob):
            guard let name = path.first, name.withUnsafeBufferPointer({ glob.matches($0) }) else { return false }
            return matches(parts.dropFirst(), path.dropFirst())
        }
    }
}

extension DriftEntry {
    /// Whether it is content of class `secret`.
    package var isSecret: Bool { stateClass == .secret && change.kind == .file && change.change != .removed }

    /// A stored path as it is judged today: what was accepted and no longer is, is unexplained.
    package func rejudged(by losses: AcceptedLosses, on day: CalendarDate) -> DriftEntry {
        guard verdict == .accepted, !losses.stillCovers(self, on: day) else { return self }
        return DriftEntry(
            change: change, verdict: .unexplained, stateClass: stateClass,
            reason: "no acceptance covers it any more; it was \(reason)",
            suggestion: "keep it, or accept the loss again")
    }
}
