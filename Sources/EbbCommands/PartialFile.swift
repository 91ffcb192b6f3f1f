import EbbModel
import Glibc

/// A file under construction beside its final place: it appears whole or not at all.
///
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

    init(for file: String) throws(SystemError) {
        target = WholeFile.resolved(file)
        var status = stat()
        isInPlace = stat(target, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
        path = isInPlace ? target : "\(target).ebb-\(getpid()).tmp"
        descriptor =
            isInPlace
            ? open(path, O_WRONLY | O_CLOEXEC)
            : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw SystemError("create", path) }
        buffer.reserveCapacity(Self.piece * 2)
    }

    /// Forgets the file, unless it is in its place already.
    func discard() {
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
        descriptor = -1
        if !isKept, !isInPlace { unlink(path) }
    }

    func write(_ text: String) {
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= Self.piece { flush() }
    }

    private func flush() {
        if failure == nil { failure = WholeFile.writeAll(buffer[...], to: descriptor, path) }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Puts everything on the disk; the file can be read now.
    func close() throws(SystemError) {
        flush()
        if failure == nil, !isInPlace, fsync(descriptor) != 0 {
            failure = SystemError("flush", path)
        }
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
