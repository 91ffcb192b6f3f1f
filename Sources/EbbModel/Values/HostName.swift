/// The name of a host, exactly as the inventory spells it.
///
/// A value of this type is proof that the text can be shown, stored and used as an address: it is
/// not empty, at most 253 bytes, and holds letters, digits, `.`, `_`, `-` and `:` only, with no
/// leading `-`. No other module checks again.
package struct HostName: Hashable, Sendable, Comparable, CodedAsText {
    /// The name as written in the inventory.
    package let text: String

    /// Checks the text; throws `InvalidHostName` for anything that a shell, a path or a terminal
    /// could misread.
    package init(_ text: String) throws(InvalidHostName) {
        guard text.holdsOnlyLettersDigits(and: "._-:"), (1...253).contains(text.utf8.count), !text.hasPrefix("-") else {
            throw InvalidHostName(text: text)
        }
        self.text = text
    }

    package static func < (left: HostName, right: HostName) -> Bool { left.text < right.text }

    /// The name that a text stands for.
    package static func read(_ text: String) throws -> Self? { try HostName(text) }

    package var description: String { text }
}

/// A text that cannot be the name of a host.
package struct InvalidHostName: Error, Equatable {
    /// The rejected text, as given: escape it before it is shown.
    package let text: String
}
