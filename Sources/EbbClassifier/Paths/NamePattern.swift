/// A pattern for one component of a path, on bytes.
struct NamePattern: Hashable, Sendable {
    private enum Token: Hashable, Sendable {
        case byte(UInt8)
        /// `?`
        case any
        /// `*`
        case many
        /// `[…]`, `[!…]`
        case set(ranges: [ClosedRange<UInt8>], isNegated: Bool)
    }

    private let tokens: [Token]

    /// Reads a component; a `[` that is never closed stands for itself, `\` takes the next byte as
    /// it is.
    init(_ component: ArraySlice<UInt8>) {
        var tokens: [Token] = []
        var rest = component
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "?"): tokens.append(.any)
            case UInt8(ascii: "*"): if tokens.last != .many { tokens.append(.many) }
            case UInt8(ascii: "\\"): tokens.append(.byte(rest.popFirst() ?? byte))
            case UInt8(ascii: "["):
                guard let (token, after) = Self.set(rest) else {
                    tokens.append(.byte(byte))
                    continue
                }
                tokens.append(token)
                rest = after
            default: tokens.append(.byte(byte))
            }
        }
        self.tokens = tokens
    }

    /// The bytes that alone match, where the pattern has no wildcard.
    var literal: [UInt8]? {
        var bytes: [UInt8] = []
        for token in tokens {
            guard case .byte(let byte) = token else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    /// Whether the name matches; linear in the name for patterns with one `*`.
    func matches(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        var token = 0
        var index = 0
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
        while token < tokens.count, case .many = tokens[token] { token += 1 }
        return token == tokens.count
    }

    private static func matches(_ token: Token, _ byte: UInt8) -> Bool {
        switch token {
        case .byte(let wanted): wanted == byte
        case .any, .many: true
        case .set(let ranges, let isNegated):
            ranges.contains { $0.contains(byte) } != isNegated
        }
    }

    /// Reads a set after its `[`, and what follows its `]`.
    private static func set(_ text: ArraySlice<UInt8>) -> (Token, ArraySlice<UInt8>)? {
        var rest = text
        var isNegated = false
        if let first = rest.first, first == UInt8(ascii: "!") || first == UInt8(ascii: "^") {
            isNegated = true
            rest = rest.dropFirst()
        }
        var ranges: [ClosedRange<UInt8>] = []
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "]"), !ranges.isEmpty {
                return (.set(ranges: ranges, isNegated: isNegated), rest)
            }
            if rest.first == UInt8(ascii: "-"), let end = rest.dropFirst().first,
                end != UInt8(ascii: "]"), end >= byte
            {
                ranges.append(byte...end)
                rest = rest.dropFirst(2)
            } else {
                ranges.append(byte...byte)
            }
        }
        return nil
    }
}
