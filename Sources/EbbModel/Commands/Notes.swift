/// What work tells a person beside its results, while it goes on.
package struct Notes: Sendable {
    /// How a line is meant, and so who sees it.
    package enum Kind: Sendable {
        /// Always shown.
        case problem, warning
        /// Shown unless quiet was asked for.
        case note
        /// Shown where more was asked for.
        case detail
    }

    /// -1: problems only; 0: normal; 1 and more: talkative.
    package let level: Int
    /// Whether what is drawn beside the lines may have colors.
    package let isColored: Bool
    private let write: @Sendable (Kind, String) -> Void

    package init(level: Int = 0, isColored: Bool = false, _ write: @escaping @Sendable (Kind, String) -> Void) {
        (self.level, self.isColored, self.write) = (level, isColored, write)
    }

    /// A problem: always shown.
    package func problem(_ text: String) { write(.problem, text) }

    /// A problem, with everything behind it on one line.
    package func problem(_ text: String, _ error: any Error) {
        let chain = causeChain(of: error).map { PrintableText.line($0) }
        problem(([text] + chain).filter { !$0.isEmpty }.joined(separator: ": "))
    }

    /// A warning: always shown.
    package func warning(_ text: String) { write(.warning, text) }

    /// Something worth knowing; `-q` hides it.
    package func note(_ text: String) { if level >= 0 { write(.note, text) } }

    /// A detail; `-v` shows it.
    package func detail(_ text: String) { if level >= 1 { write(.detail, text) } }
}
