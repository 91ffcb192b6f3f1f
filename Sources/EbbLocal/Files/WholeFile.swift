package import EbbModel
import Glibc

/// Files that a crash leaves either as they were or complete.
package enum WholeFile {
    /// Replaces a file as a `PartialFile` does: all of it or nothing.
    package static func write(_ text: String, to path: String, isPrivate: Bool = false) throws(Failure) {
        do throws(SystemError) {
            let file = try PartialFile(for: path, isPrivate: isPrivate)
            defer { file.discard() }
            file.write(text)
            try file.close()
            try file.keep()
        } catch { throw Failure(.toolFailure, "cannot write \(path)", cause: error) }
    }

    /// Puts a complete file where another may be, and waits until the directory knows.
    package static func move(_ source: String, to path: String) throws(SystemError) {
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

/// A file under construction beside its final place: it appears whole or not at all.
///
/// It becomes readable for whom the file that it replaces was, and belongs to whom that belonged.
/// Text is written in pieces, so that a long document is never held in memory; trouble is kept and
/// thrown by `close`. What is not a regular file (a device, a pipe) is written to as it is.
package final class PartialFile: TextOutputStream {
    /// Where the text is until it is kept.
    package let path: String
    private let target: String
    private let isInPlace: Bool
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    private var failure: SystemError?
    private var isKept = false
    private static let piece = 1 << 16

    /// A file that only its owner shall read, whatever it replaces, is `isPrivate`.
    package init(for file: String, isPrivate: Bool = false) throws(SystemError) {
        target = WholeFile.resolved(file)
        var old = stat()
        let exists = stat(target, &old) == 0
        isInPlace = exists && old.st_mode & S_IFMT != S_IFREG
        if isInPlace {
            path = target
            descriptor = open(path, O_WRONLY | O_CLOEXEC)
        } else {
            // A name that nobody has and that needs no other name's length: what a crash leaves
            // behind stands in nobody's way, and no file of others is opened.
            path =
                WholeFile.directory(of: target) + "/.ebb-" + String(UInt64.random(in: .min ... .max), radix: 36)
                + ".tmp"
            descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, exists || isPrivate ? 0o600 : 0o666)
        }
        guard descriptor >= 0 else { throw SystemError("create", path) }
        buffer.reserveCapacity(Self.piece * 2)
        guard exists, !isInPlace, !isPrivate else { return }
        do throws(SystemError) { try takeOver(old) } catch {
            discard()
            throw error
        }
    }

    /// Gives the file the owner, the group and the mode of the one it replaces.
    private func takeOver(_ old: stat) throws(SystemError) {
        var new = stat()
        guard fstat(descriptor, &new) == 0 else { throw SystemError("look at", path) }
        if new.st_uid != old.st_uid || new.st_gid != old.st_gid {
            guard fchown(descriptor, old.st_uid, old.st_gid) == 0 else {
                throw SystemError("keep the owner and group of", target)
            }
        }
        guard fchmod(descriptor, old.st_mode & 0o7777) == 0 else { throw SystemError("keep the mode of", target) }
    }

    /// Forgets the file, unless it is in its place already.
    package func discard() {
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
        descriptor = -1
        if !isKept, !isInPlace { unlink(path) }
    }

    /// Adds to the file.
    package func write(_ text: String) {
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= Self.piece { flush() }
    }

    private func flush() {
        if failure == nil { failure = writeAll() }
        buffer.removeAll(keepingCapacity: true)
    }

    private func writeAll() -> SystemError? {
        var rest = buffer[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return SystemError("write", path) }
        }
        return nil
    }

    /// Puts everything on the disk; the file can be read now.
    package func close() throws(SystemError) {
        flush()
        if failure == nil, !isInPlace, fsync(descriptor) != 0 { failure = SystemError("flush", path) }
        if Glibc.close(descriptor) != 0, failure == nil { failure = SystemError("close", path) }
        descriptor = -1
        if let failure { throw failure }
    }

    /// Puts the file in its place.
    package func keep() throws(SystemError) {
        guard !isInPlace else { return }
        guard rename(path, target) == 0 else { throw SystemError("rename", path) }
        isKept = true
        WholeFile.flushDirectory(of: target)
    }
}

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
