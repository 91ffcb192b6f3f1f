import Glibc

/// A file that a person names, read whole.
package enum InputFile {
    /// The bytes of a file, or of what has no size to ask for, such as a pipe (`<(…)`) or `/dev/stdin`.
    package static func bytes(of path: String) throws(SystemError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open", path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &piece, piece.count)
            if count > 0 {
                bytes += piece[..<count]
            } else if count == 0 {
                return bytes
            } else if errno != EINTR {
                throw SystemError("read", path)
            }
        }
    }
}
