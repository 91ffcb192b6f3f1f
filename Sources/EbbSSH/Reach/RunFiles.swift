import EbbModel
import EbbTransport
import FoundationEssentials
import NIOConcurrencyHelpers
import NIOCore

/// Key files and known_hosts files, read once per run and not once per host.
final class RunFiles: Sendable {
    private struct Cache {
        var keys: [String: KeyFile.Content] = [:]
        var knownHosts: [[String]: KnownHosts] = [:]
    }

    private let cache = NIOLockedValueBox(Cache())
    private let home: String
    /// The agent that may be asked; nil where none runs.
    let agent: AgentClient?
    /// Who is asked for secrets; nil where nobody can be.
    let asked: AskedOnce?
    /// Decrypts key files; nil where nobody can be asked.
    let unlocker: KeyUnlocker?

    init(
        prompt: SecretPrompt? = nil, agentSocket: String? = ProcessVariable.named("SSH_AUTH_SOCK"),
        home: String = ProcessVariable.home
    ) {
        self.home = home
        agent = agentSocket.map { AgentClient(socket: $0) }
        asked = prompt.map { AskedOnce($0) }
        unlocker = asked.map { KeyUnlocker(asking: $0) }
    }

    /// The key files of the settings, in order; OpenSSH's default files where none is named.
    func keyFiles(for settings: ConnectionSettings) -> [KeyFile] {
        let isNamed = !settings.identityFiles.isEmpty
        let files = isNamed ? settings.identityFiles : ["~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"]
        return files.map(expanded).map { path in KeyFile(path: path, isNamed: isNamed, content: content(path)) }
    }

    /// Keeps what a file holds once it is decrypted.
    func replace(_ path: String, with content: KeyFile.Content) { cache.withLockedValue { $0.keys[path] = content } }

    /// Whether the agent can sign with a key.
    func isInAgent(_ publicKey: [UInt8]) async -> Bool {
        guard let agent else { return false }
        return ((try? await agent.keys().get()) ?? []).contains(publicKey)
    }

    /// Why there is no key to log in with.
    func noIdentity(_ files: [KeyFile], for settings: ConnectionSettings) -> TransportError {
        // A key that only `ssh` can use explains more than a missing default file.
        let file = files.first { $0.problem?.isUnsupported == true } ?? files.first { $0.isNamed || $0.isOnlyPublic }
        var cause: (any Error)?
        if case .unusable(let error)? = file?.content { cause = error }
        return TransportError(
            .identityUnusable, phase: .authenticate, host: settings.host,
            file?.complaint ?? "No key to log in with: name one with ansible_ssh_private_key_file.", cause: cause)
    }

    /// A refused login, with what could not even be tried as its cause.
    ///
    /// `ssh` can use certificates and other types of keys, so the refusal is not the last word.
    func blaming(_ error: TransportError, for settings: ConnectionSettings) -> TransportError {
        for file in keyFiles(for: settings) {
            var problem = file.problem
            if FileManager.default.fileExists(atPath: file.path + "-cert.pub") { problem = .unsupported("certificate") }
            guard let problem, problem.isUnsupported else { continue }
            return TransportError(error.code, phase: error.phase, host: error.host, error.message, cause: problem)
        }
        return error
    }

    /// The pins for the settings; OpenSSH's default files where none is named.
    func hostKeyPolicy(for settings: ConnectionSettings) throws(TransportError) -> HostKeyPolicy {
        let files = settings.knownHostsFiles
        let paths = files.isEmpty ? ConnectionSettings.knownHostsFiles(home: home) : files.map(expanded)
        let known: KnownHosts
        if let cached = cache.withLockedValue({ $0.knownHosts[paths] }) {
            known = cached
        } else {
            known = Self.read(paths)
            cache.withLockedValue { $0.knownHosts[paths] = known }
        }
        return HostKeyPolicy(pins: known.pins(address: settings.address, port: settings.port), files: paths)
    }

    /// A missing file pins nothing, so every key is unknown: no error of its own.
    private static func read(_ paths: [String]) -> KnownHosts {
        var known = KnownHosts()
        for path in paths { if let data = FileManager.default.contents(atPath: path) { known.add(data, file: path) } }
        return known
    }

    private func content(_ path: String) -> KeyFile.Content {
        if let cached = cache.withLockedValue({ $0.keys[path] }) { return cached }
        let content: KeyFile.Content
        do {
            let data = try Data(contentsOf: URL(filePath: path))
            content = KeyFile.content(of: String(decoding: data, as: UTF8.self))
        } catch { content = .unusable(error) }
        cache.withLockedValue { $0.keys[path] = content }
        return content
    }

    private func expanded(_ path: String) -> String { path.hasPrefix("~/") ? home + path.dropFirst() : path }
}
