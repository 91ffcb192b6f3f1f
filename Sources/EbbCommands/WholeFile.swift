import EbbModel
import Glibc

/// Files that a crash leaves either as they were or complete.
package enum WholeFile {
    /// Replaces a file as a `PartialFile` does: all of it or nothing.
    package static func write(_ bytes: [UInt8], to path: String, isPrivate: Bool = false) throws(SystemError) {
        let file = try PartialFile(for: path, isPrivate: isPrivate)
        do throws(SystemError) {
            file.write(bytes)
            try file.close()
            try file.keep()
        } catch {
            file.discard()
            throw error
        }
    }

    /// Puts a complete file where another may be, and waits until the directory knows.
    static func move(_ source: String, to path: String) throws(SystemError) {
        guard rename(source, path) == 0 else {
            let error = SystemError("rename", source)
            unlink(source)
            throw error
        }
        flushDirectory(of: path)
    }

    /// The file behind a symbolic link, so that the link stays one.
    static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    /// The directory in which a file is.
    static func directory(of path: String) -> String { path.contains("/") ? BytePath(path).parent.text ?? "." : "." }

    /// Makes the rename itself durable; a file system that cannot is not worth an error.
    static func flushDirectory(of path: String) {
        let descriptor = open(directory(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
