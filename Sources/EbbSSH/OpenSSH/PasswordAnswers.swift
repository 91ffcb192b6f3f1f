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
    var script: String {
        var lines = [
            "#!/bin/sh", "case $1 in *[Pp]assword*) ;; *) exit 1 ;; esac",
            "case $(tr '\\0' '\\n' </proc/$PPID/cmdline | tail -n 1) in",
        ]
        for (index, password) in passwords.enumerated() {
            lines.append("\(password.hop)) printf '%s\\n' \"$EBB_PASSWORD_\(index)\" ;;")
        }
        return (lines + ["*) exit 1 ;;", "esac", ""]).joined(separator: "\n")
    }

    /// The environment of the `ssh` that logs in.
    func environment(program: String) -> Environment {
        var variables: [Environment.Key: String?] = [
            "LC_ALL": "C", "SSH_ASKPASS": program, "SSH_ASKPASS_REQUIRE": "force",
        ]
        for (index, password) in passwords.enumerated() {
            variables[.init(stringLiteral: "EBB_PASSWORD_\(index)")] = password.secret.reveal()
        }
        return .inherit.updating(variables)
    }
}
