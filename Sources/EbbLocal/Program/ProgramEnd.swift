import EbbModel

/// How a program ended, with what it printed.
package struct ProgramEnd: Sendable {
    /// `nil` when a signal ended it.
    package let status: Int32?
    /// The kept part of its standard output.
    package let output: [UInt8]
    /// Whether there was more output than is kept.
    package let isCut: Bool
    /// The end of its standard error.
    package let errors: [UInt8]

    /// Whether it exited with status 0.
    package var isSuccess: Bool { status == 0 }

    /// How it ended, for a sentence.
    package var how: String { status.map { "exit status \($0)" } ?? "a signal" }

    /// The last line that it printed, safe to show: of its results where it went well, of its
    /// complaints where it did not; empty when it printed nothing.
    package var lastLine: String {
        let (first, second) = isSuccess ? (output, errors) : (errors, output)
        return Self.lastLine(first) ?? Self.lastLine(second) ?? ""
    }

    /// One sentence for a report: how it failed, and the last line that it printed.
    package var sentence: String { isSuccess ? lastLine : lastLine.isEmpty ? how : "\(how): \(lastLine)" }

    private static func lastLine(_ bytes: [UInt8]) -> String? {
        bytes.split(separator: UInt8(ascii: "\n")).map { PrintableText.line(String(decoding: $0, as: UTF8.self)) }.last
        { !$0.allSatisfy(\.isWhitespace) }
    }
}
