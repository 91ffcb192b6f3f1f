/// Lengths of time as people write them: `90s`, `10m`, `26h`, `30d`, `2w`, `1h30m`.
package enum TimeSpan {
    private static let units: [(name: Character, seconds: Int)] = [
        ("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1),
    ]

    /// The seconds that a text names, or `nil` when it is no length of time.
    ///
    /// Units go from large to small, each at most once. A bare number is refused, except `0`:
    /// nobody agrees on its unit.
    package static func seconds(_ text: some StringProtocol) -> Int? {
        if text == "0" { return 0 }
        var total = 0
        var digits = ""
        var allowed = units[...]
        guard !text.isEmpty else { return nil }
        for character in text {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            guard let position = allowed.firstIndex(where: { $0.name == character }), let count = Int(digits) else {
                return nil
            }
            let (part, tooLong) = count.multipliedReportingOverflow(by: allowed[position].seconds)
            let (sum, tooMuch) = total.addingReportingOverflow(part)
            guard !tooLong, !tooMuch else { return nil }
            total = sum
            digits = ""
            allowed = allowed[(position + 1)...]
        }
        return digits.isEmpty ? total : nil
    }

    /// The shortest exact spelling of a number of seconds that `seconds(_:)` reads back.
    package static func text(_ seconds: Int) -> String {
        guard seconds > 0 else { return "0" }
        var rest = seconds
        var text = ""
        for unit in units.dropFirst() where rest >= unit.seconds {
            text += "\(rest / unit.seconds)\(unit.name)"
            rest %= unit.seconds
        }
        return text
    }
}
