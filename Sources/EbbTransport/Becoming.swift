package import EbbModel

extension CommandRequest {
    /// The same request, run as another user.
    ///
    /// Never asks on a terminal: without a password the program must allow it (`-n`); with one it
    /// is the first line of standard input, so that it shows in no process list.
    package func becoming(_ become: Become?) -> CommandRequest {
        guard let become else { return self }
        var request = self
        switch become.method {
        case .sudo:
            let ask = become.password == nil ? ["-n"] : ["-S", "-p", ""]
            request.command = RemoteCommand(
                "sudo",
                arguments: ask + ["-H", "-u", become.user, "--", command.program]
                    + command.arguments)
        case .doas:
            request.command = RemoteCommand(
                "doas",
                arguments: ["-n", "-u", become.user, "--", command.program] + command.arguments)
        }
        if become.method == .sudo, let password = become.password {
            request.input = Array(password.reveal().utf8) + [UInt8(ascii: "\n")] + input
        }
        return request
    }
}
