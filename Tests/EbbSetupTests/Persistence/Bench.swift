import EbbProbe
import EbbSetup
import Foundation
import Subprocess
import Testing

@testable import EbbModel

/// A directory with a root (in memory) and persistent storage (ext4 on a loop device), mounted in
/// a mount namespace that ends with each run.
struct Bench {
    let directory: String
    let name: String

    init(name: String = "top/data") throws {
        self.name = name
        directory = "/tmp/ebb-bench-\(UUID().uuidString)"
        let files = FileManager.default
        for folder in ["root", "persist", "tools"] + Self.blankFolders {
            try files.createDirectory(atPath: "\(directory)/\(folder)", withIntermediateDirectories: true)
        }
        try write("#!/bin/sh\n", to: "blank/usr/local/lib/ebb/ebb-persist")
        try write("", to: Self.blankFolders[1] + "/ebb-persist.service")
        try files.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: "\(directory)/blank/usr/local/lib/ebb/ebb-persist")
    }

    private static let blankFolders = ["blank/usr/local/lib/ebb", "blank/etc/systemd/system/local-fs.target.wants"]

    func remove() { try? FileManager.default.removeItem(atPath: directory) }

    func write(_ text: String, to file: String) throws {
        try text.write(toFile: "\(directory)/\(file)", atomically: true, encoding: .utf8)
    }

    var path: String { "\(directory)/root/\(name)" }
    var target: String { "\(directory)/persist/\(name)" }

    func entry(_ mechanism: Mechanism = .bind) -> PersistenceEntry {
        PersistenceEntry(path: path, mechanism: mechanism, target: target)
    }

    func settings(_ entries: [PersistenceEntry] = []) throws -> HostSettings {
        let host = try HostName("bench")
        return HostSettings(
            host: host, connection: ConnectionSettings(host: host, address: "bench"),
            root: RootSettings(strategy: .overlay, lower: "\(directory)/blank"),
            persist: [PersistentStorage(mount: "\(directory)/persist")], persistence: entries)
    }

    /// Writes a script into the bench's directory, under the operation's name.
    @discardableResult func prepare(_ operation: AdoptScript.Operation, _ entry: PersistenceEntry, pauses: Bool = false)
        throws -> AdoptScript
    {
        let script = try AdoptScript(
            operation, entry: entry, settings: try settings([entry]), nonce: .random(), pausesServices: pauses,
            root: BytePath("\(directory)/root"))
        try Data(script.bytes).write(to: URL(fileURLWithPath: "\(directory)/\(operation.rawValue)"))
        return script
    }

    /// Runs a shell text with both file systems mounted; the working directory is the bench's.
    ///
    /// In it `$path` and `$target` are the bench's; `make` fills the path with a small tree.
    func run(_ text: String) async throws -> String {
        let frame = """
            set -u
            cd \(directory) || exit 1
            path=\(RemoteCommand.quoted(path)); target=\(RemoteCommand.quoted(target))
            mount -t tmpfs tmpfs /run
            mount -t tmpfs tmpfs root
            [ -e persist.img ] || { truncate -s 16M persist.img && mkfs.ext4 -q persist.img; }
            mount -o loop persist.img persist
            mkdir -p "${path%/*}"
            make() { mkdir -p "$path/sub" && echo one >"$path/one" && echo two >"$path/sub/two"; }
            \(text)
            """
        let result = try await Subprocess.run(
            .name("unshare"), arguments: ["-m", "sh", "-c", frame], output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 16))
        return result.standardOutput + result.standardError
    }

    /// Runs a shell text and then the script, and reads the script's answer.
    func report(_ text: String, _ script: AdoptScript, after: String = ":") async throws -> (
        report: AdoptReport, rest: String
    ) {
        let output = try await run("\(text)\nsh -s <\(script.operation.rawValue)\necho ---\n\(after)")
        let parts = output.components(separatedBy: "---\n")
        return (AdoptReport(parsing: Array((parts.first ?? "").utf8), nonce: script.nonce), parts.dropFirst().joined())
    }
}
