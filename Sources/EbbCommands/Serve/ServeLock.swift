import EbbModel
import FoundationEssentials
import Glibc

/// Keeps a second `ebb serve` away from the same database; the kernel lets go of it with the process.
struct ServeLock: Sendable {
    private let descriptor: Int32

    static func take(beside database: String) throws -> ServeLock {
        let path = database + ".serve"
        let directory = BytePath(path).parent.text ?? "."
        if path.contains("/"), !FileManager.default.fileExists(atPath: directory) {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Failure(.toolFailure, "cannot write beside the database", cause: SystemError("open", path))
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw Failure(
                .incomplete, "another `ebb serve` runs with this database", hint: "`fuser \(path)` names its process")
        }
        return ServeLock(descriptor: descriptor)
    }

    func release() { close(descriptor) }
}
