import Glibc

/// A system call on the controller that failed.
package struct SystemError: Error, CustomStringConvertible {
    /// What was tried, in one word.
    package let action: String
    /// The file concerned.
    package let path: String
    /// `errno` at that moment.
    package let code: Int32

    /// Takes the code from `errno`: make it directly after the call that failed.
    package init(_ action: String, _ path: String) {
        code = errno
        (self.action, self.path) = (action, path)
    }

    package var description: String { "\(action) \(path): \(String(cString: strerror(code)))" }
}
