package import EbbModel
import NIOPosix

/// A secret that only a person knows.
package enum SecretQuestion: Hashable, Sendable {
    /// The passphrase of an encrypted key file.
    case passphrase(file: String)
    /// The password with which a user logs in on hosts.
    case password(user: String)
}

/// Asks a person and waits, on a thread that may; nil when there is no answer to be had.
package typealias SecretPrompt = @Sendable (SecretQuestion) -> Secret?

/// Asks each question at most once in a run, however many hosts wait for its answer.
actor AskedOnce {
    private let prompt: SecretPrompt
    private var answers: [SecretQuestion: Task<Secret?, Never>] = [:]

    init(_ prompt: @escaping SecretPrompt) { self.prompt = prompt }

    /// The person's answer; only the first call asks.
    func answer(to question: SecretQuestion) async -> Secret? {
        if let known = answers[question] { return await known.value }
        let prompt = prompt
        // Awaited by everyone who wants the answer: one host that gives up must not end it for all.
        let answer = Task<Secret?, Never> {
            (try? await NIOThreadPool.singleton.runIfActive { prompt(question) }) ?? nil
        }
        answers[question] = answer
        return await answer.value
    }
}
