import EbbTransport
import FoundationEssentials
import Glibc

/// Writes pins into a file of OpenSSH's known_hosts format.
package enum KnownHostsFile {
    /// Why a key was not pinned.
    package struct CannotPin: Error, CustomStringConvertible { package let description: String }

    /// Appends a key that nothing is known of; a changed or revoked one is never written.
    ///
    /// The line is appended in one write, so that two programs that pin at the same time both keep
    /// their lines.
    package static func pin(_ refusal: HostKeyRefusal) throws(CannotPin) {
        switch refusal.verdict {
        case .unknown, .authorityOnly: break
        case .accepted, .mismatch, .revoked: throw CannotPin(description: "the key of \(refusal.name) is not a new one")
        }
        guard let path = refusal.files.first else {
            throw CannotPin(description: "no known_hosts file is set for \(refusal.name)")
        }
        let folder = path.split(separator: "/").dropLast().joined(separator: "/")
        try? FileManager.default.createDirectory(
            atPath: "/" + folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let key = Data(refusal.key.blob).base64EncodedString()
        let end = FileManager.default.contents(atPath: path)?.last
        let start = end == nil || end == 0x0A ? "" : "\n"
        let line = Array("\(start)\(refusal.name) \(refusal.key.algorithm) \(key)\n".utf8)
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CannotPin(description: "\(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        guard write(descriptor, line, line.count) == line.count, fsync(descriptor) == 0 else {
            throw CannotPin(description: "\(path): \(String(cString: strerror(errno)))")
        }
    }
}
