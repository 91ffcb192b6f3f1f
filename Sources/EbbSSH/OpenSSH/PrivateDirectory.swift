import EbbModel
import EbbTransport
import FoundationEssentials

/// A directory that only its owner can enter: for one connection's socket and configuration.
struct PrivateDirectory: Sendable {
    let path: String

    /// Makes it; its name is short, because a socket's path has at most 107 bytes.
    init(host: HostName) throws(TransportError) {
        path = "/tmp/ebb-\(String(UInt64.random(in: 0...UInt64.max), radix: 36))"
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        } catch {
            throw TransportError(
                .controllerFailed, phase: .resolve, host: host, "No private directory could be made in /tmp: \(error).",
                cause: error)
        }
    }

    func write(_ text: String, to name: String, isProgram: Bool = false) throws {
        let file = "\(path)/\(name)"
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        if isProgram { try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: file) }
    }

    func read(_ name: String) -> String? {
        FileManager.default.contents(atPath: "\(path)/\(name)").map { String(decoding: $0, as: UTF8.self) }
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
