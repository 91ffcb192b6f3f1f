import EbbModel
import EbbTestSupport

/// Texts and bytes that somebody could plant, and random ones made of what is dangerous.
enum HostileText {
    /// What shells, terminals, YAML and spreadsheets read as more than text.
    static let pieces = [
        "'", "\"", "\\", "$(id)", "`id`", ";", "&", "|", ">", "\n", "\r", "\t", " ", "*", "~", "#", "!", "{", "}", "=",
        "-", "%", ",", ":", "a", "é", "\u{301}", "\u{338}", "\u{200D}", "\u{202E}", "\u{2028}", "\u{85}", "\u{FEFF}",
        "\u{1B}[31m", "\u{7F}", "🏴‍☠️", "\u{E000}",
    ]

    static func random(_ random: inout SeededRandom) -> String {
        (0...Int.random(in: 0...12, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
    }

    /// Any bytes but NUL, which no argument and no path can hold.
    static func bytes(_ random: inout SeededRandom) -> [UInt8] {
        (0...Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 1...255, using: &random) }
    }
}
