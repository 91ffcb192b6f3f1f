package import EbbModel
package import EbbTransport
import Subprocess

/// What the user's OpenSSH configuration says of a host, as `ssh -G` prints it.
package struct OpenSSHDefaults: Hashable, Sendable {
    package var hostName: String?
    package var port: Int?
    package var user: String?
    package var identityFiles: [String] = []
    package var identitiesOnly = false
    package var knownHostsFiles: [String] = []
    /// The jump hosts, nearest to the controller first, as `user@host:port`.
    package var jumps: [String] = []

    /// Whether no file names a key: then it is a list of all that `ssh` would try.
    package var hasDefaultIdentities: Bool {
        identityFiles.count >= 4 && identityFiles.allSatisfy { $0.hasPrefix("~/.ssh/id_") }
    }

    /// Reads the output of `ssh -G`: one keyword and its value a line.
    package init(_ text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let fields = line.split(separator: " ", maxSplits: 1)
            guard fields.count == 2 else { continue }
            let value = String(fields[1])
            switch fields[0] {
            case "hostname": hostName = value
            case "port": port = Int(value)
            case "user": user = value
            case "identityfile": identityFiles.append(value)
            case "identitiesonly": identitiesOnly = value == "yes"
            case "userknownhostsfile", "globalknownhostsfile":
                knownHostsFiles += value.split(separator: " ").map(String.init)
                    .filter { $0 != "none" }
            case "proxyjump" where value != "none":
                jumps = value.split(separator: ",").map(String.init)
            default: break
            }
        }
    }

    /// Asks the `ssh` program; it resolves nothing and connects nowhere.
    package static func read(
        for name: String, of host: HostName
    ) async throws(TransportError) -> OpenSSHDefaults {
        do {
            let result = try await Subprocess.run(
                .name("ssh"), arguments: ["-G", "--", name],
                environment: .inherit.updating(["LC_ALL": "C"]), platformOptions: .killing,
                output: .string(limit: 1 << 20), error: .string(limit: 1 << 16))
            guard result.terminationStatus.isSuccess else {
                throw TransportError(
                    .controllerFailed, phase: .resolve, host: host,
                    "ssh -G failed: \(PrintableText.line(result.standardError)).")
            }
            return OpenSSHDefaults(result.standardOutput)
        } catch let error as TransportError {
            throw error
        } catch {
            throw TransportError(
                .controllerFailed, phase: .resolve, host: host,
                "The program ssh cannot be run: \(error).", cause: error)
        }
    }
}
