package import EbbModel
package import EbbTransport
import FoundationEssentials
import Subprocess

/// Reaches hosts through the system's `ssh` program, with one master connection for each.
///
/// It knows what libssh2 does not: encrypt-then-MAC, certificates, hardware keys, RSA with SHA-2.
package struct OpenSSHTransport: Transport {
    private let files = RunFiles()

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

/// A connection through a master: each command is an `ssh` of its own that uses it.
struct OpenSSHConnection: Connection {
    let host: HostName
    let hostKey: HostKey
    let algorithms: ChosenAlgorithms?
    let master: OpenSSHMaster

    func stream(_ request: CommandRequest, receive: @escaping @Sendable (OutputChunk) -> Void)
        async throws(TransportError) -> CommandEnd
    {
        let request = request.fitting()
        let frame = CommandFrame()
        let (pieces, input) = AsyncStream.makeStream(of: [UInt8].self)
        let progress = CommandProgress(request, frame: frame, input: input, receive: receive)
        do {
            // Without its master `ssh` would connect anew, perhaps to a later boot of the host.
            let arguments = master.options(
                ["-o", "ControlMaster=no", "-o", "ProxyCommand=false", "-o", "BatchMode=yes"],
                command: frame.line(for: request.command))
            _ = try await Subprocess.run(
                .name("ssh"), arguments: Arguments(arguments), environment: .inherit.updating(["LC_ALL": "C"]),
                platformOptions: .killing, input: .inputWriter, output: .sequence, error: .sequence
            ) { execution in
                async let writing: Void = Self.write(pieces, execution.standardInputWriter)
                async let output: Void = Self.read(execution.standardOutput) { progress.takeOutput($0) }
                async let error: Void = Self.read(execution.standardError) { progress.takeError($0) }
                async let _: Void = Self.expire(request.timeout) {
                    progress.expire()
                    try? execution.send(signal: .kill)
                }
                await error
                await output
                if !Task.isCancelled { progress.finish() }
                try? execution.send(signal: .kill)
                input.finish()
                await writing
            }
        } catch {
            if !Task.isCancelled {
                throw TransportError(
                    .controllerFailed, phase: .open, host: host, "The program ssh cannot be run: \(error).",
                    cause: error)
            }
        }
        return try progress.end(of: request, host: host, isCancelled: Task.isCancelled)
    }

    private static func write(_ pieces: AsyncStream<[UInt8]>, _ writer: StandardInputWriter) async {
        // A command may end without reading its input: its status is what counts.
        for await bytes in pieces where !bytes.isEmpty { _ = try? await writer.write(bytes) }
        try? await writer.finish()
    }

    private static func read(_ sequence: SubprocessOutputSequence, _ take: @Sendable ([UInt8]) -> Void) async {
        do { for try await piece in sequence { take(piece.withUnsafeBytes { Array($0) }) } } catch {
            // Ended with the program; without its last sentence the end is not proven.
        }
    }

    private static func expire(_ timeout: Duration, _ kill: @Sendable () -> Void) async {
        do {
            try await Task.sleep(for: timeout)
            kill()
        } catch {
            // The command ended before its time was over.
        }
    }
}
