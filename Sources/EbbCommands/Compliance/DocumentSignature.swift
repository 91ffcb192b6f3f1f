import EbbModel
import FoundationEssentials
import Subprocess

/// A detached SSH signature over a document, made by the person's own `ssh-keygen`.
enum DocumentSignature {
    /// What the signature is for; one made for another purpose does not verify here.
    static let namespace = "ebb-compliance"

    /// Signs a file, and gives the path of the signature beside it.
    ///
    /// `key` is a private key, or a public one whose private half an agent holds.
    static func make(of path: String, key: String) async throws -> String {
        let result: (isSuccess: Bool, errors: String)
        do {
            // By name, not by pipe: a program that fails early would end this one with SIGPIPE.
            let record = try await Subprocess.run(
                .name("ssh-keygen"),
                arguments: ["-q", "-Y", "sign", "-f", key, "-n", namespace, path],
                input: .none, output: .discarded, error: .string(limit: 64 << 10))
            result = (record.terminationStatus.isSuccess, record.standardError)
        } catch {
            throw Failure(
                .toolFailure, "ssh-keygen cannot be started, so nothing was written",
                hint: "it comes with the OpenSSH client", cause: error)
        }
        guard result.isSuccess else {
            throw Failure(
                .toolFailure,
                "ssh-keygen did not sign with \(PrintableText.line(key)), so nothing was written",
                cause: SignatureError(
                    description: result.errors.split(whereSeparator: \.isNewline).joined(
                        separator: " ")))
        }
        return path + ".sig"
    }
}

/// What `ssh-keygen` said.
private struct SignatureError: Error, CustomStringConvertible {
    let description: String
}
