import EbbModel

/// A detached SSH signature over a document, made by the person's own `ssh-keygen`.
package enum DocumentSignature {
    /// What the signature is for; one made for another purpose does not verify here.
    private static let namespace = "ebb-compliance"

    /// Signs a file, and gives the path of the signature beside it.
    ///
    /// `key` is a private key, or a public one whose private half an agent holds.
    package static func make(of path: String, key: String) async throws -> String {
        let signer = Program("ssh-keygen", ["-q", "-Y", "sign", "-f", key, "-n", namespace, path], limit: .seconds(60))
        let ended: ProgramEnd
        do throws(ProgramFailure) { ended = try await signer.run() } catch {
            throw Failure(
                .toolFailure, "ssh-keygen did not run to its end, so nothing was written",
                hint: "it comes with the OpenSSH client", cause: error)
        }
        guard ended.isSuccess else {
            throw Failure(
                .toolFailure, "ssh-keygen did not sign with \(PrintableText.line(key)), so nothing was written",
                cause: ProgramFailure(.notRun, "\(ended.how): \(ended.lastLine)"))
        }
        return path + ".sig"
    }
}
