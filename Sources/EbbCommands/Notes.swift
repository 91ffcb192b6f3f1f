import EbbModel
import EbbReport

/// What a command says beside its results, on standard error.
package struct Notes: Sendable {
    /// -1 problems only, 0 normal, 1 and more: talkative.
    package let level: Int
    /// Whether lines may be colored.
    package let color: ColorChoice

    package init(level: Int, color: ColorChoice) {
        self.level = level
        self.color = color
    }

    /// A problem: always shown.
    package func problem(_ text: String) { tell(text, .bad) }

    /// A warning: always shown.
    package func warning(_ text: String) { tell(text, .warning) }

    /// Something worth knowing; `-q` hides it.
    package func note(_ text: String) { if level >= 0 { tell(text, .plain) } }

    /// A detail; `-v` shows it.
    package func detail(_ text: String) { if level >= 1 { tell(text, .muted) } }

    private func tell(_ text: String, _ role: TextRole) {
        let color = Terminal.error.wantsColor(color)
        Terminal.error.write(role.paint(PrintableText.block(text.utf8), color: color) + "\n")
    }
}
