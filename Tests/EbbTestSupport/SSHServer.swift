package import EbbModel
import FoundationEssentials
import Glibc
import Subprocess
import Synchronization

/// A real OpenSSH server on a loopback address of its own, for as long as a closure runs.
///
/// It has throw-away host and user keys and a throw-away configuration. Where `sshd` is missing the
/// test fails: nothing is skipped.
package struct SSHServer: Sendable {
    /// Why no server could be started.
    package struct CannotStart: Error, CustomStringConvertible { package let description: String }

    package let address: String
    package let port: Int
    /// Holds all files of the server and of its client.
    package let directory: String
    /// The process that listens; its children serve the connections.
    package let process: Int32

    /// root's password on a server that has one.
    package static let password = "tide 'n \"foam\" $1"

    /// A private key that the server accepts for `root`.
    package var userKey: String { directory + "/user" }
    /// Pins the server's host key.
    package var knownHosts: String { directory + "/known_hosts" }

    /// Settings with which a client gets in.
    package func settings(host: String = "server") throws -> ConnectionSettings {
        ConnectionSettings(
            host: try HostName(host), address: address, port: port, user: "root", identityFiles: [userKey],
            knownHostsFiles: [knownHosts], adapter: .libssh2)
    }

    /// The line of a public key file of this server: type and base64.
    package func publicKey(_ name: String) throws -> String {
        let text = try String(contentsOfFile: "\(directory)/\(name).pub", encoding: .utf8)
        return text.split(separator: " ").prefix(2).joined(separator: " ")
    }

    /// Makes another key pair beside the server's own, and returns the private key's path.
    @discardableResult package func makeKey(_ name: String, type: String = "ed25519", passphrase: String = "")
        async throws -> String
    {
        let path = "\(directory)/\(name)"
        try await Self.generate(path, type: type, passphrase: passphrase)
        return path
    }

    /// Lets a public key of this directory log in, beside the user's own.
    package func authorize(_ name: String) throws {
        let path = directory + "/authorized_keys"
        let known = try String(contentsOfFile: path, encoding: .utf8)
        try (known + publicKey(name) + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// Ends the server's connections, not the server.
    package func killConnections() { ProcessTree.signal(SIGKILL, to: process, includingRoot: false) }

    /// Starts a server, waits until it listens, and ends it and its children after `body`.
    ///
    /// The options are more lines of `sshd_config`; they come first, and so win. `%D` in them is the
    /// server's directory, in which `prepare` may put more files once the server has its keys. With a
    /// password it sees accounts of its own: nothing of this machine's is touched.
    package static func with<Result: Sendable>(
        options: [String] = [], hostKeyType: String = "ed25519", hasPassword: Bool = false,
        network: ServerNetwork? = nil, prepare: (_ directory: String) async throws -> Void = { _ in },
        _ body: (SSHServer) async throws -> Result
    ) async throws -> Result {
        try await withScratchDirectory { directory in
            let address = network?.address ?? Self.nextAddress()
            try await generate("\(directory)/host", type: hostKeyType)
            try await generate("\(directory)/user", type: "ed25519")
            let options = options.map { $0.replacing("%D", with: directory) }
            try configure(directory, address: address, options: options)
            try await prepare(directory)
            // sshd starts itself again for each connection, so it insists on its own full path.
            let place = network.map { "ip netns exec \($0.name) " } ?? ""
            var start = "exec \(place)/usr/sbin/sshd -D -e -f \(directory)/sshd_config"
            if hasPassword {
                try writeAccounts(directory)
                start = """
                    exec unshare -m sh -ec 'mount --bind \(directory)/shadow /etc/shadow
                    mount --bind \(directory)/pam /etc/pam.d/sshd; \(start)'
                    """
            }
            let result = try await run(
                .name("sh"), arguments: ["-c", start], input: .none, output: .discarded, error: .sequence
            ) { execution in
                let process = execution.processIdentifier.value
                defer { ProcessTree.signal(SIGKILL, to: process) }
                let server = SSHServer(address: address, port: 2222, directory: directory, process: process)
                var lines = execution.standardError.strings().makeAsyncIterator()
                var said = ""
                while !said.contains("Server listening") {
                    guard let line = try await lines.next() else {
                        throw CannotStart(description: "sshd ended: \(said)")
                    }
                    said += line
                }
                return try await body(server)
            }
            return result.closureResult
        }
    }

    private static let counter = Atomic<Int>(0)

    /// An address that no other test uses at the same time, in this process or another one.
    private static func nextAddress() -> String {
        let number = counter.add(1, ordering: .relaxed).oldValue
        let process = Int(getpid())
        return "127.\(64 + number % 128).\(process >> 8 & 255).\(process & 255)"
    }

    private static func generate(_ path: String, type: String, passphrase: String = "") async throws {
        let result = try await run(
            .name("ssh-keygen"), arguments: ["-q", "-t", type, "-N", passphrase, "-f", path], output: .discarded,
            error: .string(limit: 4096))
        guard result.terminationStatus.isSuccess else {
            throw CannotStart(description: "ssh-keygen: \(result.standardError)")
        }
    }

    /// What only the server sees: root with `password`, and a way for PAM to ask for it.
    private static func writeAccounts(_ directory: String) throws {
        let hash =
            "$6$ebbandflow$H.dngkC.Gj7jDes8rzLfcbsyrFTR3Gh1lVIkHZUGwW5XKEeJyqhCrizTTahsiipQB3EfRqIPZglR69AIy3rGU0"
        try "root:\(hash):20000:0:99999:7:::\n".write(toFile: "\(directory)/shadow", atomically: true, encoding: .utf8)
        try """
        auth required pam_unix.so
        account required pam_permit.so
        session required pam_permit.so

        """.write(toFile: "\(directory)/pam", atomically: true, encoding: .utf8)
    }

    private static func configure(_ directory: String, address: String, options: [String]) throws {
        // Where sshd separates privileges it wants this directory; a service manager makes it.
        try? FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: false)
        let lines =
            options + [
                "ListenAddress \(address)", "Port 2222", "HostKey \(directory)/host",
                "AuthorizedKeysFile \(directory)/authorized_keys", "PidFile none", "StrictModes no", "UsePAM no",
                "PasswordAuthentication no", "KbdInteractiveAuthentication no", "PermitRootLogin yes", "UseDNS no",
                "PrintMotd no", "MaxStartups 500", "LogLevel INFO",
            ]
        try (lines.joined(separator: "\n") + "\n").write(
            toFile: "\(directory)/sshd_config", atomically: true, encoding: .utf8)
        try FileManager.default.copyItem(atPath: "\(directory)/user.pub", toPath: "\(directory)/authorized_keys")
        let key = try String(contentsOfFile: "\(directory)/host.pub", encoding: .utf8).split(separator: " ").prefix(2)
            .joined(separator: " ")
        try "[\(address)]:2222 \(key)\n".write(toFile: "\(directory)/known_hosts", atomically: true, encoding: .utf8)
    }
}
