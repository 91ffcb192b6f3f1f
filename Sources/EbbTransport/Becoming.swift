package import EbbModel

extension CommandRequest {
    /// The same request, run as another user.
    ///
    /// Never asks on a terminal: without a password the program must allow it (`-n`); with one it
    /// travels on standard input, so that it shows in no process list.
    package func becoming(_ become: Become?) -> CommandRequest {
        guard let become else { return self }
        var request = self
        let command = [command.program] + command.arguments
        switch (become.method, become.password) {
        case (.sudo, let password?):
            let question = PasswordQuestion(password)
            let start = "printf %s \(question.started) >&2; \(self.command.shellExecution)"
            request.command = RemoteCommand(
                "sudo",
                arguments: ["-S", "-p", question.prompt, "-H", "-u", become.user, "--", "sh", "-c", start, "sh"]
                    + command)
            request.question = question
        case (.sudo, nil):
            request.command = RemoteCommand("sudo", arguments: ["-n", "-H", "-u", become.user, "--"] + command)
        case (.doas, _): request.command = RemoteCommand("doas", arguments: ["-n", "-u", become.user, "--"] + command)
        }
        return request
    }
}
