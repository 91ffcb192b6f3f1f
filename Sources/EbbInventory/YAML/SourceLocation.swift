/// A line of a file that somebody wrote.
package struct SourceLocation: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The file, as the reader of messages would name it.
    package let file: String
    /// Counted from 1.
    package let line: Int

    package static func < (left: SourceLocation, right: SourceLocation) -> Bool {
        (left.file, left.line) < (right.file, right.line)
    }

    package var description: String { "\(file):\(line)" }
}
