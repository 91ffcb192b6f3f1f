import EbbLocal
import FoundationEssentials
import Glibc
import Synchronization

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

    /// Columns and rows; what terminals have always had where it does not say.
    var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// What stands at the bottom of the terminal of standard error and is drawn in place.
    private static let live = Mutex("")

    /// Draws whole lines at the bottom, over those that stood there; nothing takes them away.
    ///
    /// Whatever else is written to standard error meanwhile stands above them.
    func showLive(_ lines: String) {
        Self.live.withLock { live in
            guard live != lines else { return }
            put(Self.erasing(live) + lines)
            live = lines
        }
    }

    private static func erasing(_ live: String) -> String {
        let count = live.count { $0 == "\n" }
        return count > 0 ? "\r\u{1B}[\(count)A\u{1B}[J" : ""
    }

    /// Whether to color, from what was asked, `NO_COLOR`, and what the device is.
    package func wantsColor(_ choice: ColorChoice) -> Bool {
        switch choice {
        case .always: true
        case .never: false
        case .auto: isTerminal && ProcessVariable.named("NO_COLOR") == nil && ProcessVariable.named("TERM") != "dumb"
        }
    }

    /// Writes the whole text.
    ///
    /// A reader that went away (`ebb … | head`) is no error worth telling: there is nobody to tell.
    package func write(_ text: String) {
        guard descriptor == STDERR_FILENO else { return put(text) }
        Self.live.withLock { live in put(Self.erasing(live) + text + live) }
    }

    private func put(_ text: String) {
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
