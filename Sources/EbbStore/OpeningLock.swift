import EbbModel
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
