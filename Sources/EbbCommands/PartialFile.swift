import EbbModel
import Glibc

/// A file under construction beside its final place: it appears whole or not at all.
///
/// It becomes readable for whom the file that it replaces was, and belongs to whom that belonged.
/// Text is written in pieces, so that a long document is never held in memory; trouble is kept and
/// thrown by `close`. What is not a regular file (a device, a pipe) is written to as it is.
final class PartialFile: TextOutputStream {
    /// Where the text is until it is kept.
    let path: String
    private let target: String
    private let isInPlace: Bool
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    private var failure: SystemError?
    private var isKept = false
    private static let piece = 1 << 16

    /// A file that only its owner shall read, whatever it replaces, is `isPrivate`.
    init(for file: String, isPrivate: Bool = false) throws(SystemError) {
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
    func discard() {
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
        descriptor = -1
        if !isKept, !isInPlace { unlink(path) }
    }

    func write(_ text: String) { write(text.utf8) }

    func write(_ bytes: some Sequence<UInt8>) {
        buffer.append(contentsOf: bytes)
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
    func close() throws(SystemError) {
        flush()
        if failure == nil, !isInPlace, fsync(descriptor) != 0 { failure = SystemError("flush", path) }
        if Glibc.close(descriptor) != 0, failure == nil { failure = SystemError("close", path) }
        descriptor = -1
        if let failure { throw failure }
    }

    /// Puts the file in its place.
    func keep() throws(SystemError) {
        guard !isInPlace else { return }
        guard rename(path, target) == 0 else { throw SystemError("rename", path) }
        isKept = true
        WholeFile.flushDirectory(of: target)
    }
}
