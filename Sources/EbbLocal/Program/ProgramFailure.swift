/// Why a program did not run to its end.
package struct ProgramFailure: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is: `late` alone may have done its work all the same.
    package enum Code: Sendable { case notFound, notRun, late }

    package let code: Code
    /// One sentence for a person, which names the program.
    package let message: String

    package init(_ code: Code, _ message: String) { (self.code, self.message) = (code, message) }

    package var description: String { message }
}
