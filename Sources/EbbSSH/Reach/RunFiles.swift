package import EbbModel
import EbbTransport
import FoundationEssentials
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Subprocess

/// Key files and known_hosts files, read once per run and not once per host.
final class RunFiles: Sendable {
    private struct Cache {
        var keys: [String: KeyFile.Content] = [:]
        var knownHosts: [[String]: KnownHosts] = [:]
        /// Files whose lines that say nothing were told.
        var told: Set<String> = []
    }

    private let cache = NIOLockedValueBox(Cache())
    private let home: String
    /// The agent that may be asked; nil where none runs.
    let agent: AgentClient?
    /// Who is asked for secrets; nil where nobody can be.
    private let asked: OnceEach<SecretQuestion, Secret?>?
    /// Decrypts key files; nil where nobody can be asked.
    private let unlocked: OnceEach<String, PrivateKey>?

    init(
        prompt: SecretPrompt? = nil, agentSocket: String? = ProcessVariable.named("SSH_AUTH_SOCK"),
        home: String = ProcessVariable.home
    ) {
        self.home = home
        agent = agentSocket.map { AgentClient(socket: $0) }
        let asked = prompt.map { prompt in
            // On a thread that may wait for a person.
            OnceEach<SecretQuestion, Secret?> { question in
                try await NIOThreadPool.singleton.runIfActive { prompt(question) }
            }
        }
        self.asked = asked
        unlocked = asked.map { asked in
            OnceEach<String, PrivateKey> { path in
                guard let passphrase = try await asked.value(of: .passphrase(file: path)) else {
                    throw PrivateKey.StillLocked()
                }
                return try await PrivateKey.decrypted(path, passphrase)
            }
        }
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
        let (paths, known) = knownHosts(for: settings)
        return HostKeyPolicy(pins: known.pins(address: settings.address, port: settings.port), files: paths)
    }

    private func knownHosts(for settings: ConnectionSettings) -> (paths: [String], known: KnownHosts) {
        let files = settings.knownHostsFiles
        let paths = files.isEmpty ? ConnectionSettings.knownHostsFiles(home: home) : files.map(expanded)
        let known = cache.withLockedValue { $0.knownHosts[paths] } ?? Self.read(paths)
        cache.withLockedValue { $0.knownHosts[paths] = known }
        return (paths, known)
    }

    /// Says of each known_hosts file on the way to a host which lines protect nobody, once in a run.
    func complaints(for settings: ConnectionSettings) -> [String] {
        (settings.jumps + [settings]).flatMap { hop in
            let (paths, known) = knownHosts(for: hop)
            let new = cache.withLockedValue { cache in paths.filter { cache.told.insert($0).inserted } }
            guard !new.isEmpty else { return [String]() }
            let unreadable = Dictionary(grouping: known.unreadable, by: \.file)
            return new.compactMap { path in
                guard let lines = unreadable[path]?.map({ String($0.line) }) else { return nil }
                let named =
                    lines.prefix(5).joined(separator: ", ") + (lines.count > 5 ? " and \(lines.count - 5) more" : "")
                return "\(path): line\(lines.count > 1 ? "s" : "") \(named) cannot be read, and "
                    + "\(lines.count > 1 ? "pin" : "pins") no host key; `man 8 sshd` shows how one is written"
            }
        }
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

/// Works out the value of each key at most once in a run, however many hosts wait for it.
actor OnceEach<Key: Hashable & Sendable, Value: Sendable> {
    private let make: @Sendable (Key) async throws -> Value
    private var values: [Key: Task<Value, any Error>] = [:]

    init(_ make: @escaping @Sendable (Key) async throws -> Value) { self.make = make }

    /// The value; only the first call works it out.
    func value(of key: Key) async throws -> Value {
        // Awaited by everyone who wants the value: one host that gives up must not end it for all.
        let task = values[key] ?? Task { [make] in try await make(key) }
        values[key] = task
        return try await task.value
    }
}

extension PrivateKey {
    /// The passphrase was wrong, or nobody gave one.
    struct StillLocked: Error {}

    /// Has `ssh-keygen` take the passphrase off a copy that lives in memory for a moment.
    ///
    /// The format's key derivation is not in any library here, and this program is where `ssh` is.
    fileprivate static func decrypted(_ path: String, _ passphrase: Secret) async throws -> PrivateKey {
        let directory = "/dev/shm/ebb-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let copy = directory + "/key"
        let answer = directory + "/answer"
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: copy)
        try "#!/bin/sh\nprintf '%s\\n' \"$EBB_PASSPHRASE\"\n".write(toFile: answer, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: answer)
        let result = try await Subprocess.run(
            .name("ssh-keygen"), arguments: ["-q", "-p", "-N", "", "-f", copy],
            environment: .inherit.updating([
                "SSH_ASKPASS": answer, "SSH_ASKPASS_REQUIRE": "force", "EBB_PASSPHRASE": passphrase.reveal(),
            ]), platformOptions: .killing, output: .discarded)
        guard result.terminationStatus.isSuccess else { throw StillLocked() }
        let data = try Data(contentsOf: URL(filePath: copy))
        return try PrivateKey(file: String(decoding: data, as: UTF8.self))
    }
}

extension RunFiles {
    /// The settings with every password that a person has to give; asked before any deadline runs.
    func resolved(_ settings: ConnectionSettings) async -> ConnectionSettings {
        guard settings.password == .asked || settings.jumps.contains(where: { $0.password == .asked }) else {
            return settings
        }
        var settings = settings
        settings.password = await resolvedPassword(settings)
        for index in settings.jumps.indices {
            settings.jumps[index].password = await resolvedPassword(settings.jumps[index])
        }
        return settings
    }

    private func resolvedPassword(_ settings: ConnectionSettings) async -> LoginPassword? {
        guard settings.password == .asked else { return settings.password }
        // Without an answer a key may still do; a login that fails names what was missing.
        let secret: Secret? = (try? await asked?.value(of: .password(user: settings.user))) ?? nil
        return secret.map { .given($0) } ?? .asked
    }

    /// Decrypts what the settings need and no agent holds; before any deadline, because a person
    /// is asked.
    func unlock(for settings: ConnectionSettings) async {
        guard let unlocked else { return }
        for file in (settings.jumps + [settings]).flatMap({ keyFiles(for: $0) }) {
            guard case .publicOnly(let blob, isEncrypted: true) = file.content else { continue }
            if await isInAgent(blob) { continue }
            do { replace(file.path, with: .usable(try await unlocked.value(of: file.path))) } catch {
                // The login's error says that the file is encrypted, and how to add it to an agent.
            }
        }
    }
}

/// A secret that only a person knows.
package enum SecretQuestion: Hashable, Sendable {
    /// The passphrase of an encrypted key file.
    case passphrase(file: String)
    /// The password with which a user logs in on hosts.
    case password(user: String)
}

/// Asks a person and waits, on a thread that may; nil when there is no answer to be had.
package typealias SecretPrompt = @Sendable (SecretQuestion) -> Secret?
