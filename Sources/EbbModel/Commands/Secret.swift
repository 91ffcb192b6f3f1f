/// A text that must not be shown: descriptions, mirrors and encoders see `•••` only.
package struct Secret: Hashable, Sendable, CodedAsText, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    package init(_ text: String) { self.text = text }

    /// Lends the text to the one place that must send it.
    package func reveal() -> String { text }

    /// The secret that a text stands for.
    package static func read(_ text: String) -> Self? { Secret(text) }

    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
