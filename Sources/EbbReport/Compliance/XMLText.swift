/// Text in XML and HTML that stays text: the only place that escapes it.
enum XMLText {
    /// For element content and for attributes in double or single quotes.
    static func of(_ text: String, limit: Int = PrintableLine.limit) -> String {
        var escaped = ""
        for scalar in PrintableLine.of(text, limit: limit).unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
