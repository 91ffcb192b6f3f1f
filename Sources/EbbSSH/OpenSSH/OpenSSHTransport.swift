package import EbbModel
package import EbbTransport
import FoundationEssentials
import Subprocess

/// Reaches hosts through the system's `ssh` program, with one master connection for each.
///
/// It knows what libssh2 does not: encrypt-then-MAC, certificates, hardware keys, RSA with SHA-2.
package struct OpenSSHTransport: Transport {
    private let files = RunFiles()

    package init() {}

    /// Whether there is a program `ssh` to run.
    static let isInstalled: Bool = {
        let path = ProcessVariable.named("PATH") ?? "/usr/bin:/bin"
        return path.split(separator: ":").contains { folder in
            FileManager.default.isExecutableFile(atPath: folder + "/ssh")
        }
    }()

    package func withConnection<Result: Sendable>(
        to settings: ConnectionSettings, timeout: Duration,
        _ body: (any Connection) async throws(TransportError) -> Result
    ) async throws(TransportError) -> Result {
        let directory = try PrivateDirectory(host: settings.host)
        defer { directory.remove() }
        let master = OpenSSHMaster(settings: settings, directory: directory)
        try master.prepare(files)
        var outcome: Swift.Result<Result, TransportError>?
        do {
            _ = try await run(
                .name("ssh"), arguments: Arguments(["-v"] + master.options(["-N", "-M"])),
                environment: master.environment, platformOptions: .killing, input: .none, output: .discarded,
                error: .sequence
            ) { execution in
                async let log: Void = master.watch(execution.standardError)
                async let _: Void = master.expire(after: timeout) { try? execution.send(signal: .kill) }
                do throws(TransportError) {
                    guard await master.becomesReady() else { throw master.failure(timeout, files) }
                    let connection = OpenSSHConnection(
                        host: settings.host, hostKey: try master.hostKey(), algorithms: master.algorithms,
                        master: master)
                    outcome = .success(try await body(connection))
                } catch { outcome = .failure(error) }
                try? execution.send(signal: .kill)
                await log
            }
        } catch {
            outcome =
                outcome
                ?? .failure(
                    TransportError(
                        Task.isCancelled ? .cancelled : .controllerFailed, phase: .connect, host: settings.host,
                        "The program ssh cannot be run: \(error).", cause: error))
        }
        guard let outcome else {
            throw TransportError(.cancelled, phase: .connect, host: settings.host, "The connection was not made.")
        }
        return try outcome.get()
    }
}

extension PlatformOptions {
    /// What is left of a child when its time is over is killed, not asked.
    static var killing: PlatformOptions {
        var options = PlatformOptions()
        options.teardownSequence = []
        return options
    }
}
