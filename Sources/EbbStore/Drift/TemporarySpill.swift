package import EbbModel
import FoundationEssentials
import Glibc

/// A file without a name, gone with whoever holds it.
package final class TemporarySpill: Spill {
    private let descriptor: Int32

    /// How much an observation may hold in memory before the rest goes to such a file.
    package static let policy = SpillPolicy(limit: 8 << 20) { () throws(SpillError) in try TemporarySpill() }

    /// Makes the file in `$TMPDIR`, else in `/var/tmp`, which is on a disk; only this user may read it.
    package init() throws(SpillError) {
        let directory = ProcessVariable.named("TMPDIR") ?? "/var/tmp"
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
