/// A value of a YAML file, with the place where it was written.
package struct YAMLValue: Sendable {
    /// What the value is; scalars stay as their author spelled them.
    package enum Content: Sendable {
        case null
        /// A scalar; `isPlain` means without quotes, so that it may be a number or a truth value.
        case scalar(String, isPlain: Bool)
        /// A scalar under a tag of its own, such as Ansible's `!vault`.
        case tagged(String)
        case list([YAMLValue])
        case map([Entry])
    }

    /// A key of a map and its value.
    package struct Entry: Sendable {
        package let key: String
        package let keyLocation: SourceLocation
        package var value: YAMLValue
    }

    package var content: Content
    package let location: SourceLocation

    package init(_ content: Content, at location: SourceLocation) {
        (self.content, self.location) = (content, location)
    }

    /// The entries of a map; `nil` when it is none.
    package var entries: [Entry]? { if case .map(let entries) = content { entries } else { nil } }

    /// The value of a key, where this is a map that has it.
    package subscript(key: String) -> YAMLValue? { entries?.first { $0.key == key }?.value }

    /// The text of a scalar; `nil` for anything else.
    package var text: String? { if case .scalar(let text, _) = content { text } else { nil } }

    /// Whether nothing was written.
    package var isNull: Bool { if case .null = content { true } else { false } }

    /// What the value is, for messages.
    package var kind: String {
        switch content {
        case .null: "nothing"
        case .scalar(let text, _): "“\(text)”"
        case .tagged(let tag): "a value tagged \(tag)"
        case .list: "a list"
        case .map: "a map"
        }
    }

    /// Whether two values say the same, wherever they were written and however they were quoted.
    package func says(theSameAs other: YAMLValue) -> Bool {
        switch (content, other.content) {
        case (.null, .null): true
        case (.scalar(let left, _), .scalar(let right, _)): left == right
        case (.list(let left), .list(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.says(theSameAs: $1) }
        case (.map(let left), .map(let right)):
            left.count == right.count
                && left.allSatisfy { entry in other[entry.key].map { entry.value.says(theSameAs: $0) } ?? false }
        default: false
        }
    }
}
