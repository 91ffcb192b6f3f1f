/// Gathers problems while a reader goes on, each once.
///
/// A setting of a group is read for each of its hosts; its problem is one problem.
package final class ProblemCollector {
    private var known: Set<SourceProblem> = []
    private var ordered: [SourceProblem] = []

    package init() {}

    /// Every problem, by file and line; those of no place last.
    package var problems: [SourceProblem] {
        ordered.enumerated().sorted { left, right in
            switch (left.element.location, right.element.location) {
            case (let one?, let other?) where one != other: one < other
            case (.some, nil): true
            case (nil, .some): false
            default: left.offset < right.offset
            }
        }.map(\.element)
    }

    /// Records an error.
    package func error(at location: SourceLocation?, _ message: String, hint: String? = nil) {
        add(SourceProblem(.error, at: location, message, hint: hint))
    }

    /// Records a warning.
    package func warning(at location: SourceLocation?, _ message: String, hint: String? = nil) {
        add(SourceProblem(.warning, at: location, message, hint: hint))
    }

    /// Records a problem that somebody else found.
    package func add(_ problem: SourceProblem) { if known.insert(problem).inserted { ordered.append(problem) } }
}
