import EbbModel
import Subprocess

/// Tells each `ssh` on the way the password of the one host that it goes to, through the program that
/// it asks.
///
/// Which `ssh` asks decides, and nothing that the prompt says: a host writes its prompts itself. The
/// program holds no password: they are in the environment of `ssh`, which only its owner can read,
/// and in no argument and no file.
struct PasswordAnswers {
    private var passwords: [(hop: String, secret: Secret)] = []

    init(_ settings: ConnectionSettings) {
        for (hop, settings) in OpenSSHConfiguration.hops(of: settings) {
            guard case .given(let secret)? = settings.password else { continue }
            passwords.append((hop, secret))
        }
    }

    /// A program that answers a question for a password, and no other question.
    var script: String { String(decoding: PackageResources.askpass_sh, as: UTF8.self) }

    /// The environment of the `ssh` that logs in.
    func environment(program: String) -> Environment {
        var variables: [Environment.Key: String?] = [
            "LC_ALL": "C", "SSH_ASKPASS": program, "SSH_ASKPASS_REQUIRE": "force",
        ]
        for (index, password) in passwords.enumerated() {
            variables[.init(stringLiteral: "EBB_WHO_\(index)")] = password.hop
            variables[.init(stringLiteral: "EBB_PASSWORD_\(index)")] = password.secret.reveal()
        }
        return .inherit.updating(variables)
    }
}
