package import FoundationEssentials

/// A JSON value whose members keep the order in which they were written.
package enum JSON: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([Member])

    /// A name and its value.
    package struct Member: Sendable, Hashable {
        package let name: String
        package let value: JSON

        package init(_ name: String, _ value: JSON) { (self.name, self.value) = (name, value) }
    }

    /// The members of an object; nothing else has any.
    var members: [Member] {
        guard case .object(let members) = self else { return [] }
        return members
    }

    /// An integer of any width that fits.
    package static func count(_ value: some BinaryInteger) -> JSON { .integer(Int64(clamping: value)) }

    /// An integer, or `null`.
    package static func count(_ value: (some BinaryInteger)?) -> JSON { optional(value) { .count($0) } }

    /// An instant in RFC 3339, or `null`.
    package static func instant(_ date: Date?) -> JSON { optional(date) { .string(JSONText.instant($0)) } }

    /// The members of both, those of the left first.
    package static func + (left: JSON, right: JSON) -> JSON { .object(left.members + right.members) }

    /// The value, or `null`.
    package static func optional<Value>(_ value: Value?, _ make: (Value) -> JSON) -> JSON { value.map(make) ?? .null }

    /// A text, or `null`.
    package static func optional(_ text: String?) -> JSON { optional(text) { .string($0) } }

    /// An array of texts.
    package static func strings(_ texts: some Sequence<String>) -> JSON { .array(texts.map { .string($0) }) }
}

extension JSON: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringInterpolation,
    ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    package init(dictionaryLiteral elements: (String, JSON)...) { self = .object(elements.map { Member($0.0, $0.1) }) }

    package init(arrayLiteral elements: JSON...) { self = .array(elements) }

    package init(stringLiteral text: String) { self = .string(text) }

    package init(integerLiteral value: Int64) { self = .integer(value) }

    package init(booleanLiteral value: Bool) { self = .bool(value) }

    package init(nilLiteral: ()) { self = .null }
}
