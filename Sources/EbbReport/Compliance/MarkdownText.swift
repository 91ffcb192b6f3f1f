/// Text in Markdown that stays text: the only place that escapes it.
enum MarkdownText {
    static func of(_ text: String, limit: Int = 300) -> String {
        var escaped = ""
        for scalar in PrintableLine.of(text, limit: limit).unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "@": escaped += "&#64;"  // mentions nobody in a ticket
            case ":": escaped += "&#58;"  // and makes no link of `http:`
            case "\\", "`", "*", "_", "{", "}", "[", "]", "(", ")", "#", "+", "-", "!", "|", "~":
                escaped += "\\"
                escaped.unicodeScalars.append(scalar)
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
