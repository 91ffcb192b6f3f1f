import Glibc

/// Notices that the process which started this one has ended: its end of the pipe is closed.
enum InputWatch {
    /// Returns when standard input is at its end.
    static func end() async {
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        while !Task.isCancelled {
            if poll(&descriptor, 1, 0) > 0 {
                var byte: UInt8 = 0
                // Nothing is ever sent; a byte would be read and forgotten.
                if read(STDIN_FILENO, &byte, 1) <= 0 { return }
            }
            try? await Task.sleep(for: .milliseconds(300))
        }
    }
}
