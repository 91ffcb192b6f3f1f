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
        directory.read("key-\(OpenSSHConfiguration.target)").flatMap { Data(base64Encoded: $0) }.flatMap {
            HostKey(blob: Array($0))
        }
    }
}
