/// Something wrong with a file that somebody wrote.
package struct SourceProblem: Hashable, Sendable, CustomStringConvertible {
    /// Whether the file can be used all the same.
    package enum Severity: String, Sendable, CaseIterable {
        /// Nothing is done until it is cured.
        case error
        /// Something was ignored, and its author should know.
        case warning
    }

    package let severity: Severity
    /// Where, unless it concerns no single place.
    package let location: SourceLocation?
    /// What is wrong, in one sentence.
    package let message: String
    /// What to do about it.
    package let hint: String?

    package init(_ severity: Severity = .error, at location: SourceLocation?, _ message: String, hint: String? = nil) {
        (self.severity, self.location, self.message, self.hint) = (severity, location, message, hint)
    }

    package var description: String {
        let place = location.map { "\($0): " } ?? ""
        let cure = hint.map { " (\($0))" } ?? ""
        return "\(place)\(severity.rawValue): \(message)\(cure)"
    }
}
