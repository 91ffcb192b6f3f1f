extension YAMLText {
    /// The text as a double-quoted YAML scalar that reads back as exactly this text.
    ///
    /// This file is the only place that quotes for YAML.
    package static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case _ where needsEscape(scalar):
                let digits = String(scalar.value, radix: 16)
                quoted += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// The text as it is where nobody could take it for anything else than this text, else quoted.
    package static func word(_ text: String) -> String {
        let taken = ["yes", "no", "true", "false", "on", "off", "null", "y", "n"]
        let isLetter = { (byte: UInt8) in (0x61...0x7A).contains(byte | 0x20) }
        guard let first = text.utf8.first, isLetter(first), !taken.contains(text.lowercased()),
            text.utf8.allSatisfy({
                isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x2E || $0 == 0x2D || $0 == 0x5F
            })
        else { return quoted(text) }
        return text
    }

    /// What YAML does not take as it is (its c-printable), and what a reader would not see.
    private static func needsEscape(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
        default: false
        }
    }
}
