package import EbbModel

extension CommandOutput {
    /// The error that a host's `sudo` or `doas` reported instead of running the command.
    ///
    /// Only a command that failed without any output of its own is looked at, so that a command
    /// that merely prints such a text is never taken for one. `nil` where the command ran.
    package func becomeProblem(_ become: Become?, host: HostName) -> TransportError? {
        guard let become, case .exited(let status) = end, status != 0, standardOutput.isEmpty else { return nil }
        let text = String(decoding: standardError.prefix(2000), as: UTF8.self)
        let program = become.method.rawValue
        let lines = text.split(separator: "\n")
        guard lines.contains(where: { $0.contains(program) || $0.hasPrefix("Sorry, try again") }) else { return nil }
        let table: [(String, String)] = [
            ("a password is required", "it wants a password: set ansible_become_password, or allow"),
            ("a terminal is required", "it wants a password: set ansible_become_password, or allow"),
            (
                "Authorization required",
                "it wants a password, which doas only reads from a terminal:" + " allow it without one ('nopass') for"
            ), ("must have a tty", "it wants a terminal: remove 'requiretty' from sudoers for"),
            ("incorrect password", "it refused the password of"), ("try again", "it refused the password of"),
            ("not in the sudoers file", "sudoers does not name"),
            ("not allowed to execute", "sudoers does not allow the command for"),
            ("Operation not permitted", "doas.conf does not allow the command for"),
            ("not found", "it is not installed on the host, for"),
            ("No such file", "it is not installed on the host, for"),
        ]
        guard let cure = table.first(where: { text.contains($0.0) })?.1 else { return nil }
        return TransportError(
            .becomeFailed, phase: .command, host: host, "\(program) did not run the command: \(cure) the login user.")
    }
}
