/// The configuration that `curl --config -` reads: its arguments would be seen by every user of the
/// machine, its standard input is not.
///
/// https://curl.se/docs/manpage.html#-K
package enum CurlConfiguration {
    /// One option with its value, quoted as curl reads it back.
    package static func line(_ option: String, _ value: String) -> String { "\(option) = \(quoted(value))\n" }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
