import EbbModel
import Glibc

/// Files that a crash leaves either as they were or complete.
package enum WholeFile {
    /// Replaces a file: written beside it, flushed to the disk, then renamed over it.
    ///
    /// A device, a pipe or a socket is written to as it is: nothing may take its place.
    package static func write(_ bytes: [UInt8], to path: String) throws(SystemError) {
        let target = resolved(path)
        var status = stat()
        if stat(target, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            let descriptor = open(target, O_WRONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw SystemError("open", target) }
            return try fill(descriptor, bytes, target, isDurable: false)
        }
        let temporary = target + ".ebb-\(getpid()).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw SystemError("create", temporary) }
        do throws(SystemError) {
            try fill(descriptor, bytes, temporary)
            guard rename(temporary, target) == 0 else { throw SystemError("rename", temporary) }
        } catch {
            unlink(temporary)
            throw error
        }
        flushDirectory(of: target)
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

    private static func fill(
        _ descriptor: Int32, _ bytes: [UInt8], _ path: String, isDurable: Bool = true
    ) throws(SystemError) {
        var failure = writeAll(bytes[...], to: descriptor, path)
        if failure == nil, isDurable, fsync(descriptor) != 0 {
            failure = SystemError("flush", path)
        }
        if close(descriptor) != 0, failure == nil { failure = SystemError("close", path) }
        if let failure { throw failure }
    }

    /// Writes all bytes, or says why not.
    static func writeAll(
        _ bytes: ArraySlice<UInt8>, to descriptor: Int32, _ path: String
    ) -> SystemError? {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                return SystemError("write", path)
            }
        }
        return nil
    }

    /// Makes the rename itself durable; a file system that cannot is not worth an error.
    static func flushDirectory(of path: String) {
        let directory = BytePath(path).parent.text ?? "."
        let name = path.contains("/") ? directory : "."
        let descriptor = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
