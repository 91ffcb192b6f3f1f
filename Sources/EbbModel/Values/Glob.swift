/// A pattern with wildcards for one name, matched byte by byte.
package struct Glob: Hashable, Sendable {
    /// Which wildcards a pattern may hold.
    package enum Syntax: Sendable {
        /// `*`, `?`, `[a-z]`, `[!a-z]`, and `\` before a byte that stands for itself, as in a shell.
        case shell
        /// `*` and `?` only, as in OpenSSH's known_hosts.
        case openSSH
    }

    private enum Token: Hashable, Sendable {
        case byte(UInt8)
        /// `?`
        case any
        /// `*`
        case many
        /// `[…]`, `[!…]`
        case set([ClosedRange<UInt8>], isNegated: Bool)
    }

    private let tokens: [Token]

    /// Reads a pattern; a `[` that is never closed stands for itself.
    package init(_ pattern: some Collection<UInt8>, _ syntax: Syntax = .shell) {
        var tokens: [Token] = []
        var rest = Array(pattern)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "?"): tokens.append(.any)
            case UInt8(ascii: "*"): if tokens.last != .many { tokens.append(.many) }
            case UInt8(ascii: "\\") where syntax == .shell: tokens.append(.byte(rest.popFirst() ?? byte))
            case UInt8(ascii: "[") where syntax == .shell: tokens.append(Self.set(&rest) ?? .byte(byte))
            default: tokens.append(.byte(byte))
            }
        }
        self.tokens = tokens
    }

    /// Reads a pattern that somebody wrote as text.
    package init(_ pattern: String, _ syntax: Syntax = .shell) { self.init(pattern.utf8, syntax) }

    /// The only name that matches, where the pattern has no wildcard.
    package var literal: [UInt8]? {
        var bytes: [UInt8] = []
        for token in tokens {
            guard case .byte(let byte) = token else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    /// Whether the whole text matches.
    package func matches(_ text: String) -> Bool { Array(text.utf8).withUnsafeBufferPointer(matches) }

    /// Whether the whole name matches; linear in its length for patterns with one `*`.
    package func matches(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        var token = 0
        var index = 0
        // One place to go back to is enough: a later `*` covers whatever an earlier one could.
        var retry: (token: Int, index: Int)?
        while index < name.count {
            if token < tokens.count {
                if case .many = tokens[token] {
                    retry = (token + 1, index)
                    token += 1
                    continue
                }
                if Self.matches(tokens[token], name[index]) {
                    token += 1
                    index += 1
                    continue
                }
            }
            guard let point = retry else { return false }
            retry = (point.token, point.index + 1)
            token = point.token
            index = point.index + 1
        }
        return tokens[token...].allSatisfy { $0 == .many }
    }

    private static func matches(_ token: Token, _ byte: UInt8) -> Bool {
        switch token {
        case .byte(let wanted): wanted == byte
        case .any, .many: true
        case .set(let ranges, let isNegated): ranges.contains { $0.contains(byte) } != isNegated
        }
    }

    /// Takes a set off the text behind its `[`; takes nothing where it is not closed.
    private static func set(_ text: inout ArraySlice<UInt8>) -> Token? {
        var rest = text
        let isNegated = rest.first == UInt8(ascii: "!") || rest.first == UInt8(ascii: "^")
        if isNegated { rest.removeFirst() }
        var ranges: [ClosedRange<UInt8>] = []
        var isFirst = true
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "]"), !isFirst {
                text = rest
                return .set(ranges, isNegated: isNegated)
            }
            isFirst = false
            if rest.first == UInt8(ascii: "-"), let end = rest.dropFirst().first, end != UInt8(ascii: "]") {
                // A range that runs backwards holds nothing.
                if byte <= end { ranges.append(byte...end) }
                rest.removeFirst(2)
            } else {
                ranges.append(byte...byte)
            }
        }
        return nil
    }
}
