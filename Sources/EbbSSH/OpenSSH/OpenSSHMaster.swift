import EbbModel
import EbbTransport
import FoundationEssentials
import NIOConcurrencyHelpers
import Subprocess

/// The master connection to one host: its files, its progress, and why it failed.
final class OpenSSHMaster: Sendable {
    private struct State {
        var log = OpenSSHLog()
        var isExpired = false
    }

    let settings: ConnectionSettings
    private let directory: PrivateDirectory
    private let state = NIOLockedValueBox(State())
    private let readiness = AsyncStream<Void>.makeStream()

    init(settings: ConnectionSettings, directory: PrivateDirectory) {
        (self.settings, self.directory) = (settings, directory)
    }

    /// Writes the configuration, and what belongs to it.
    ///
    /// `ssh` looks for revoked keys under fewer names than Ebb does, so it gets them from Ebb.
    func prepare(_ files: RunFiles) throws(TransportError) {
        do {
            try directory.write(String(decoding: PackageResources.known_hosts_sh, as: UTF8.self), to: "known")
            let configuration = try OpenSSHConfiguration(settings, knownHosts: "\(directory.path)/known")
            try directory.write(configuration.text, to: "config")
            for (name, settings) in OpenSSHConfiguration.hops(of: settings) {
                let pins = try files.hostKeyPolicy(for: settings).pins
                let lines = pins.filter { $0.marker == .revoked }.map { pin in
                    "@revoked * \(pin.key.algorithm) \(Data(pin.key.blob).base64EncodedString())\n"
                }
                try directory.write(lines.joined(), to: "revoked-\(name)")
            }
            try directory.write(answers.script, to: "answer", isProgram: true)
        } catch {
            throw TransportError(
                .controllerFailed, phase: .resolve, host: settings.host,
                "The settings cannot be passed to ssh: \(PrintableText.line("\(error)")).", cause: error)
        }
    }

    /// The environment of the `ssh` that logs in.
    var environment: Environment { answers.environment(program: "\(directory.path)/answer") }

    private var answers: PasswordAnswers { PasswordAnswers(settings) }

    /// The arguments of an `ssh` that uses this directory.
    func options(_ more: [String], command: String? = nil) -> [String] {
        ["-F", "\(directory.path)/config", "-S", "\(directory.path)/socket"] + more + [
            "--", OpenSSHConfiguration.target,
        ] + (command.map { [$0] } ?? [])
    }

    /// Reads the program's log until it ends.
    func watch(_ lines: SubprocessOutputSequence) async {
        do {
            for try await line in lines.strings() {
                let isReady = state.withLockedValue { state in
                    state.log.note(String(line.prefix { !$0.isNewline }))
                    return state.log.isReady
                }
                if isReady { readiness.continuation.yield() }
            }
        } catch {
            // The program ended; those who wait learn that below.
        }
        readiness.continuation.finish()
    }

    /// Whether the program came as far as taking commands.
    func becomesReady() async -> Bool {
        for await _ in readiness.stream { return !Task.isCancelled }
        return false
    }

    /// Runs `kill` when the time is over before the connection is ready.
    func expire(after timeout: Duration, _ kill: @Sendable () -> Void) async {
        do { try await Task.sleep(for: timeout) } catch { return }
        let isLate = state.withLockedValue { state in
            if state.log.isReady { return false }
            state.isExpired = true
            return true
        }
        if isLate { kill() }
    }

    /// Why the connection did not become ready.
    func failure(_ timeout: Duration, _ files: RunFiles) -> TransportError {
        let (log, isExpired) = state.withLockedValue { ($0.log, $0.isExpired) }
        if Task.isCancelled { return TransportError(.cancelled, phase: log.phase, host: settings.host, "Cancelled.") }
        if isExpired { return .establishing(log.phase, timeout, settings.host) }
        let failure = log.failure(of: settings.host)
        guard failure.phase == .hostKey, let key = shownKey, let policy = try? files.hostKeyPolicy(for: settings) else {
            return failure
        }
        return policy.refusal(of: key, shownBy: settings) ?? failure
    }

    /// The key that the host proved to own.
    func hostKey() throws(TransportError) -> HostKey {
        if let shownKey { return shownKey }
        throw TransportError(
            .controllerFailed, phase: .hostKey, host: settings.host,
            "This ssh does not report which host key it accepted; OpenSSH 8.5 and newer do.")
    }

    /// The algorithms that were agreed on, from the program's log.
    var algorithms: ChosenAlgorithms { state.withLockedValue { $0.log.algorithms } }

    private var shownKey: HostKey? {
        let text = FileManager.default.contents(atPath: "\(directory.path)/key-\(OpenSSHConfiguration.target)")
        let blob = text.flatMap { Data(base64Encoded: String(decoding: $0, as: UTF8.self)) }
        return blob.flatMap { HostKey(blob: Array($0)) }
    }
}

/// Tells each `ssh` on the way the password of the one host that it goes to, through the program that
/// it asks.
///
/// Which `ssh` asks decides, and nothing that the prompt says: a host writes its prompts itself. The
/// program holds no password: they are in the environment of `ssh`, which only its owner can read,
/// and in no argument and no file.
struct PasswordAnswers {
    private let passwords: [(hop: String, secret: Secret)]

    init(_ settings: ConnectionSettings) {
        passwords = OpenSSHConfiguration.hops(of: settings).compactMap { hop, settings in
            if case .given(let secret)? = settings.password { (hop, secret) } else { nil }
        }
    }

    /// A program that answers a question for a password, and no other question.
    var script: String { String(decoding: PackageResources.askpass_sh, as: UTF8.self) }

    /// The environment of the `ssh` that logs in.
    func environment(program: String) -> Environment {
        var variables: [Environment.Key: String?] = [
            "LC_ALL": "C", "SSH_ASKPASS": program, "SSH_ASKPASS_REQUIRE": "force",
        ]
        for (index, password) in passwords.enumerated() {
            variables[.init(stringLiteral: "EBB_WHO_\(index)")] = password.hop
            variables[.init(stringLiteral: "EBB_PASSWORD_\(index)")] = password.secret.reveal()
        }
        return .inherit.updating(variables)
    }
}

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

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// The configuration file with which `ssh` reaches one host as its settings say.
///
/// The settings come first, and the first value wins; what they leave open (certificates, hardware
/// keys, GSSAPI) still comes from the user's own configuration.
struct OpenSSHConfiguration {
    /// A setting that no configuration file can hold.
    struct Unusable: Error { let value: String }

    /// The name under which `ssh` is asked for the host.
    static let target = "ebb-target"
    let text: String

    /// Every host on the way, under the name that `ssh` has for it, the target last.
    static func hops(of settings: ConnectionSettings) -> [(name: String, settings: ConnectionSettings)] {
        settings.jumps.enumerated().map { ("ebb-jump-\($0)", $1) } + [(target, settings)]
    }

    /// `knownHosts` is a script that gets a hop's name and the key that the hop shows, and prints more
    /// known_hosts lines for the hop.
    init(_ settings: ConnectionSettings, knownHosts: String) throws(Unusable) {
        var lines: [String] = []
        var through: String?
        for (name, settings) in Self.hops(of: settings) {
            lines += try Self.host(name, settings, through: through)
            lines.append("  KnownHostsCommand /bin/sh \(knownHosts) \(name) %K")
            through = name
        }
        lines += ["Match all", "  Include ~/.ssh/config", "  Include /etc/ssh/ssh_config", ""]
        text = lines.joined(separator: "\n")
    }

    private static func host(_ name: String, _ settings: ConnectionSettings, through: String?) throws(Unusable)
        -> [String]
    {
        var lines = [
            "Host \(name)", "  HostName \(try quoted(settings.address))", "  Port \(settings.port)",
            "  User \(try quoted(settings.user))",
            // A password is asked of Ebb's own program, and once.
            settings.password == nil ? "  BatchMode yes" : "  NumberOfPasswordPrompts 1", "  StrictHostKeyChecking yes",
            "  UpdateHostKeys no", "  CheckHostIP no",
            // Of ProxyJump and ProxyCommand, OpenSSH keeps the one that comes first.
            through.map { "  ProxyJump \($0)" } ?? "  ProxyCommand none", "  ClearAllForwardings yes",
            "  ForwardAgent no", "  ForwardX11 no", "  PermitLocalCommand no", "  RemoteCommand none",
            "  RequestTTY no", "  EscapeChar none", "  ServerAliveInterval 15", "  ServerAliveCountMax 3",
        ]
        for file in settings.identityFiles { lines.append("  IdentityFile \(try quoted(file))") }
        if settings.identitiesOnly || !settings.identityFiles.isEmpty {
            lines.append("  IdentitiesOnly \(settings.identitiesOnly ? "yes" : "no")")
        }
        if !settings.knownHostsFiles.isEmpty {
            var files: [String] = []
            for file in settings.knownHostsFiles { files.append(try quoted(file)) }
            lines.append("  UserKnownHostsFile \(files.joined(separator: " "))")
            lines.append("  GlobalKnownHostsFile none")
        }
        return lines
    }

    /// A value in quotes; `%` would start a token.
    private static func quoted(_ value: String) throws(Unusable) -> String {
        let isPlain = value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != 0x22 && $0 != 0x5C }
        guard isPlain, !value.isEmpty, !value.hasPrefix("-") else { throw Unusable(value: value) }
        let escaped = value.unicodeScalars.split(separator: "%", omittingEmptySubsequences: false)
        return "\"\(escaped.map(String.init).joined(separator: "%%"))\""
    }
}
