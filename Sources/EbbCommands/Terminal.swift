import FoundationEssentials
import Glibc

/// Standard output or standard error: written whole, with what the device can show.
package struct Terminal: Sendable {
    /// Standard output: results only.
    package static let output = Terminal(descriptor: STDOUT_FILENO)
    /// Standard error: progress, notes, errors.
    package static let error = Terminal(descriptor: STDERR_FILENO)

    /// Standard input: where a person answers.
    package static let input = Terminal(descriptor: STDIN_FILENO)

    private let descriptor: Int32

    /// Whether a person is looking.
    package var isTerminal: Bool { isatty(descriptor) == 1 }

    /// The columns of the terminal, or `nil` where there is none to fit into.
    package var width: Int? {
        guard isTerminal else { return nil }
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Whether to colour, from what was asked, `NO_COLOR`, and what the device is.
    package func wantsColour(_ choice: ColourChoice) -> Bool {
        switch choice {
        case .always: true
        case .never: false
        case .auto:
            isTerminal && GlobalOptions.environment("NO_COLOR") == nil
                && GlobalOptions.environment("TERM") != "dumb"
        }
    }

    /// Writes the whole text.
    ///
    /// A reader that went away (`ebb … | head`) is no error worth telling: there is nobody to tell.
    package func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&wait, 1, 1_000)
            } else if errno != EINTR {
                return
            }
        }
    }
}
