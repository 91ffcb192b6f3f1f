import EbbModel
import EbbTransport
import FoundationEssentials
import Synchronization

/// Key files and known_hosts files, read once per run and not once per host.
final class RunFiles: Sendable {
    /// A key file and the moment it was read for.
    typealias Key = Result<PrivateKey, any Error>

    private struct Cache {
        var keys: [String: Key] = [:]
        var knownHosts: [[String]: KnownHosts] = [:]
    }

    private let cache = Mutex(Cache())
    private let home: String

    init(home: String = ProcessInfo.processInfo.environment["HOME"] ?? "/root") { self.home = home }

    /// The keys of the settings, in order; OpenSSH's default files where none is named.
    func identities(for settings: ConnectionSettings) throws(TransportError) -> [Identity] {
        let isDefault = settings.identityFiles.isEmpty
        let files = isDefault ? ["~/.ssh/id_ed25519", "~/.ssh/id_ecdsa"] : settings.identityFiles
        var identities: [Identity] = []
        var problem: TransportError?
        for file in files.map(expanded) {
            switch key(file) {
            case .success(let key):
                identities.append(
                    Identity(publicKey: key.publicKey, source: file) { try key.signature(for: $0) })
            case .failure(let error):
                if !isDefault {
                    problem = problem ?? unusable(file, error, settings.host)
                }
            }
        }
        if identities.isEmpty {
            throw problem
                ?? TransportError(
                    .identityUnusable, phase: .authenticate, host: settings.host,
                    "No key to log in with: name one with ansible_ssh_private_key_file.")
        }
        return identities
    }

    /// The pins for the settings; OpenSSH's default files where none is named.
    func hostKeyPolicy(for settings: ConnectionSettings) throws(TransportError) -> HostKeyPolicy {
        let isDefault = settings.knownHostsFiles.isEmpty
        let files =
            isDefault
            ? ["~/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts"] : settings.knownHostsFiles
        let paths = files.map(expanded)
        let known: KnownHosts
        if let cached = cache.withLock({ $0.knownHosts[paths] }) {
            known = cached
        } else {
            known = Self.read(paths)
            cache.withLock { $0.knownHosts[paths] = known }
        }
        return HostKeyPolicy(pins: known.pins(address: settings.address, port: settings.port))
    }

    /// A missing file pins nothing, so every key is unknown: no error of its own.
    private static func read(_ paths: [String]) -> KnownHosts {
        var known = KnownHosts()
        for path in paths {
            if let data = FileManager.default.contents(atPath: path) { known.add(data, file: path) }
        }
        return known
    }

    private func key(_ path: String) -> Key {
        if let cached = cache.withLock({ $0.keys[path] }) { return cached }
        let key = Key {
            let data = try Data(contentsOf: URL(filePath: path))
            return try PrivateKey(file: String(decoding: data, as: UTF8.self))
        }
        cache.withLock { $0.keys[path] = key }
        return key
    }

    private func unusable(_ file: String, _ error: any Error, _ host: HostName) -> TransportError {
        let reason =
            switch error as? PrivateKey.Problem {
            case .encrypted: "is encrypted: add it to the agent with ssh-add"
            case .unsupported(let type):
                "is a key of type \(type), which libssh2 cannot use: set 'connection: openssh'"
            case .notAPrivateKey: "holds no private key"
            case nil: "cannot be read"
            }
        return TransportError(
            .identityUnusable, phase: .authenticate, host: host,
            "The key file \(PrintableText.line(file)) \(PrintableText.line(reason)).", cause: error)
    }

    private func expanded(_ path: String) -> String {
        path.hasPrefix("~/") ? home + path.dropFirst() : path
    }
}
