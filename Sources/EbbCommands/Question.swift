import EbbEngine
import EbbModel
import Glibc

/// A question that a person must answer with yes before anything is changed.
struct Question: Sendable {
    /// What is asked, without the request to type yes.
    let text: String
    /// What is so when nobody can be asked, and what says that it is meant.
    let nobody: String
    let hint: String
    /// What is so when the answer is no.
    let refused: String

    /// Returns once the answer is yes; throws for any other, and when the switch is thrown meanwhile.
    func ask(_ aborts: AbortSwitch) async throws {
        guard isatty(STDIN_FILENO) == 1 else { throw Failure(.usage, nobody, hint: hint) }
        Terminal.error.write("\(text) Type yes: ")
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        while poll(&input, 1, 0) == 0 {
            try aborts.check()
            try await Task.sleep(for: .milliseconds(100))
        }
        guard readLine() == "yes" else { throw Failure(.usage, refused) }
        try aborts.check()
    }
}
