import EbbModel
import EbbSSH
import Glibc

/// Asks the person at the terminal for secrets, without showing what is typed.
enum SecretDialogue {
    /// The way to ask; nil where this process has no terminal, as under a scheduler.
    static var prompt: SecretPrompt? {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else { return nil }
        close(terminal)
        return { ask($0) }
    }

    private static func text(of question: SecretQuestion) -> String {
        switch question {
        case .passphrase(let file): "Passphrase of \(file): "
        case .password(let user): "Password of \(user) on the hosts that ask for one: "
        }
    }

    /// Reads one line; nil when it is empty, or the terminal went away.
    private static func ask(_ question: SecretQuestion) -> Secret? {
        guard let file = fopen("/dev/tty", "r+e") else { return nil }
        defer { fclose(file) }
        let descriptor = fileno(file)
        var shown = termios()
        guard tcgetattr(descriptor, &shown) == 0 else { return nil }
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        // Ctrl-C would leave the terminal silent: it comes as a character, and is sent on below.
        hidden.c_lflag &= ~tcflag_t(ISIG)
        tcsetattr(descriptor, TCSAFLUSH, &hidden)
        fputs(PrintableText.line(text(of: question)), file)
        fflush(file)
        var line: [UInt8] = []
        while case let byte = getc(file), byte != EOF, byte != 10, line.count < 1024 {
            line.append(UInt8(truncatingIfNeeded: byte))
        }
        tcsetattr(descriptor, TCSAFLUSH, &shown)
        fputs("\n", file)
        if line.contains(3) {
            kill(getpid(), SIGINT)
            return nil
        }
        return line.isEmpty ? nil : Secret(String(decoding: line, as: UTF8.self))
    }
}
