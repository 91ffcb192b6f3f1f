import EbbModel
import FoundationEssentials
import Glibc

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
