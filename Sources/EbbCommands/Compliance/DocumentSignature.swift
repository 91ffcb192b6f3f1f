import EbbModel
import FoundationEssentials
import Subprocess

/// A detached SSH signature over a document, made by the person's own `ssh-keygen`.
enum DocumentSignature {
    /// What the signature is for; one made for another purpose does not verify here.
    static let namespace = "ebb-compliance"

    /// Signs a file; `key` is a private key, or a public one whose private half an agent holds.
    static func make(of path: String, key: String) async throws -> [UInt8] {
        guard let document = FileManager.default.contents(atPath: path) else {
            throw Failure(.toolFailure, "cannot read \(PrintableText.line(path)) to sign it")
        }
        do {
            let result = try await Subprocess.run(
                .name("ssh-keygen"),
                arguments: ["-q", "-Y", "sign", "-f", key, "-n", namespace],
                input: .array(Array(document)), output: .bytes(limit: 1 << 20),
                error: .string(limit: 64 << 10))
            guard result.terminationStatus.isSuccess else {
                let said = PrintableText.line(result.standardError)
                throw Failure(
                    .toolFailure,
                    "ssh-keygen did not sign with \(PrintableText.line(key)), so nothing was "
                        + "written: \(said)")
            }
            return result.standardOutput
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(
                .toolFailure,
                "ssh-keygen cannot be started, so nothing was written",
                hint: "it comes with the OpenSSH client", cause: error)
        }
    }
}
