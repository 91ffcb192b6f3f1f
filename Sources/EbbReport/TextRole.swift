/// What a piece of text means; the one place that knows which color a meaning has.
package enum TextRole: Sendable, CaseIterable {
    case plain, heading, good, warning, bad, muted, emphasis

    /// The text in the role's color, or as it is where colors are not wanted.
    package func paint(_ text: String, color: Bool) -> String {
        guard color, !text.isEmpty, let code else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    private var code: String? {
        switch self {
        case .plain: nil
        case .heading: "1"
        case .good: "32"
        case .warning: "33"
        case .bad: "31"
        case .muted: "2"
        case .emphasis: "1"
        }
    }
}
