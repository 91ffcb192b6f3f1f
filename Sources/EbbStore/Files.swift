package import EbbModel
import FoundationEssentials
import Glibc

/// Keeps processes that open one database at the same moment from making it twice.
///
/// A lock (`flock`) on the directory, so that nothing is left behind; the system drops it when its
/// holder dies. Where a file system knows no such locks, the body runs without one.
enum OpeningLock {
    /// Waits for whoever opens a database in the directory, at most `limit` seconds, and holds the
    /// lock while the body runs.
    static func holding<Value>(_ directory: String, limit: Double, _ body: () throws(StoreError) -> Value)
        throws(StoreError) -> Value
    {
        let descriptor = Glibc.open(directory, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return try body() }
        defer { close(descriptor) }
        let deadline = ContinuousClock.now + .seconds(limit)
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { break }
            guard ContinuousClock.now < deadline else {
                throw StoreError(
                    .locked,
                    "another process has been opening a database in "
                        + "\(PrintableText.line(directory)) for \(Int(limit)) s")
            }
            usleep(20_000)
        }
        return try body()
    }
}

/// File operations that outlive a loss of power.
enum Durable {
    /// Waits until the file, or the directory, is on the disk.
    static func sync(_ path: String) throws {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("opened", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("synced", path) }
    }

    /// Renames, and waits until the directory knows.
    static func rename(_ source: String, to target: String) throws {
        guard Glibc.rename(source, target) == 0 else { throw failure("renamed", source) }
        try sync(URL(filePath: target).deletingLastPathComponent().path)
    }

    private static func failure(_ verb: String, _ path: String) -> StoreError {
        let code: StoreError.Code = errno == ENOSPC ? .full : .io
        return StoreError(code, "\(PrintableText.line(path)) cannot be \(verb) (\(String(cString: strerror(errno))))")
    }
}

/// A file without a name, gone with whoever holds it.
package final class TemporarySpill: Spill {
    private let descriptor: Int32

    /// How much an observation may hold in memory before the rest goes to such a file.
    package static let policy = SpillPolicy(limit: 8 << 20) { () throws(SpillError) in try TemporarySpill() }

    /// Makes the file in `$TMPDIR`, else in `/var/tmp`, which is on a disk; only this user may read it.
    package init() throws(SpillError) {
        let directory = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/var/tmp"
        let path = "\(directory)/ebb-\(UUID().uuidString)"
        // Made here or not at all, so that no file or link of others is opened.
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 { unlink(path) }
        if descriptor < 0 { throw Self.failure("cannot make a file in \(directory)") }
    }

    deinit { close(descriptor) }

    /// Puts bytes at a place of the file.
    package func write(_ bytes: [UInt8], at offset: Int) throws(SpillError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress.map { $0 + done }, $0.count - done, offset + done)
            }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { throw Self.failure("cannot write a temporary file") }
            done += count
        }
    }

    /// Reads from a place of the file that was written before.
    package func read(_ count: Int, at offset: Int) throws(SpillError) -> [UInt8] {
        var done = 0
        var failure: SpillError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while done < count {
                let read = pread(descriptor, buffer.baseAddress.map { $0 + done }, count - done, offset + done)
                if read < 0, errno == EINTR { continue }
                if read <= 0 {
                    failure = Self.failure("cannot read a temporary file")
                    break
                }
                done += read
            }
            filled = done
        }
        if let failure { throw failure }
        return bytes
    }

    private static func failure(_ doing: String) -> SpillError {
        SpillError("\(doing): \(String(cString: strerror(errno)))")
    }
}
