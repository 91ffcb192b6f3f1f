import EbbModel
import Subprocess

/// Tells `ssh` the passwords of the hosts on its way, through the program that it asks.
///
/// The program holds none of them: they are in the environment of the one `ssh` that logs in, which
/// only its owner can read, and in no argument and no file.
struct PasswordAnswers {
    private var passwords: [(who: String, secret: Secret)] = []

    init(_ path: [ConnectionSettings]) {
        for settings in path {
            guard case .given(let secret)? = settings.password else { continue }
            passwords.append(("\(settings.user)@\(settings.address)", secret))
        }
    }

    /// A program that answers a question for a password with the right one, and no other question.
    var script: String { String(decoding: PackageResources.askpass_sh, as: UTF8.self) }

    /// The environment of the `ssh` that logs in.
    func environment(program: String) -> Environment {
        var variables: [Environment.Key: String?] = [
            "LC_ALL": "C", "SSH_ASKPASS": program, "SSH_ASKPASS_REQUIRE": "force",
        ]
        for (index, password) in passwords.enumerated() {
            variables[.init(stringLiteral: "EBB_WHO_\(index)")] = password.who
            variables[.init(stringLiteral: "EBB_PASSWORD_\(index)")] = password.secret.reveal()
        }
        return .inherit.updating(variables)
    }
}
