/// An error that ends a command: what happened, what to do, and the exit status.
package struct Failure: CausedError, Sendable {
    /// How the command ends.
    package let status: ExitStatus
    /// One sentence for a person.
    package let message: String
    /// What to do about it, where that is known.
    package let hint: String?
    /// The error behind it.
    package let cause: (any Error)?

    package init(_ status: ExitStatus = .toolFailure, _ message: String, hint: String? = nil, cause: (any Error)? = nil)
    { (self.status, self.message, self.hint, self.cause) = (status, message, hint, cause) }

    package var description: String { message }
}
