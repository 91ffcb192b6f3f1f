package import EbbModel
import EbbReport

/// An error that ends a command: what happened, what to do, and the exit status.
package struct Failure: CausedError, Sendable {
    /// How the command ends.
    package let status: ExitStatus
    /// One sentence for a person.
    package let message: String
    /// What to do about it, where that is known.
    package let hint: String?
    /// The error behind it.
    package let cause: (any Error)?

    package init(
        _ status: ExitStatus = .toolFailure, _ message: String, hint: String? = nil,
        cause: (any Error)? = nil
    ) {
        self.status = status
        self.message = message
        self.hint = hint
        self.cause = cause
    }

    package var description: String { message }

    /// The whole chain as lines for standard error, safe for a terminal.
    package func rendered(color: Bool) -> String {
        let chain = causeChain(of: self).map { PrintableText.block($0.utf8) }
        var text = TextRole.bad.paint("ebb:", color: color) + " "
        text += chain.joined(separator: "\n     because: ") + "\n"
        if let hint {
            text += "     " + TextRole.emphasis.paint("hint:", color: color)
            text += " " + PrintableText.block(hint.utf8) + "\n"
        }
        return text
    }
}
