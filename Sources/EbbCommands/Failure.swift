import EbbModel
import EbbReport

extension Failure {
    /// The whole chain as lines for standard error, safe for a terminal.
    func rendered(color: Bool) -> String {
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
