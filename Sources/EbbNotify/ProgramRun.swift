import EbbModel
import Subprocess
import SystemPackage

/// A program that is given some bytes and some time.
struct ProgramRun: Sendable {
    /// What came of it.
    struct Ended: Sendable {
        /// `nil` when a signal ended it.
        let status: Int32?
        /// The beginning of what it printed, on both streams.
        let printed: String
    }

    let program: String
    let arguments: [String]
    var environment: [String: String] = [:]
    let input: [UInt8]
    let limit: Duration

    /// More of the output is read and forgotten.
    private static let mostOutput = 4_096

    /// Runs it; throws when it cannot be started or takes too long.
    func run() async throws(DeliveryFailure) -> Ended {
        let outcome = await withTaskGroup(of: Result<Ended, DeliveryFailure>?.self) { group in
            group.addTask { await started() }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            let first = await group.next() ?? nil
            // Cancelling ends the program and whatever it started in its session.
            group.cancelAll()
            return first
        }
        guard let outcome else {
            throw DeliveryFailure(
                isWorthRetrying: true, "\(program) took longer than \(limit) and was ended")
        }
        return try outcome.get()
    }

    private func started() async -> Result<Ended, DeliveryFailure> {
        var platform = PlatformOptions()
        platform.createSession = true
        platform.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(1))
        ]
        let variables = Dictionary(
            uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0), $1) })
        do {
            let result = try await Subprocess.run(
                program.contains("/") ? .path(FilePath(program)) : .name(program),
                arguments: Arguments(arguments),
                environment: .inherit.updating(variables.mapValues(Optional.some)),
                platformOptions: platform, input: .inputWriter, output: .sequence,
                error: .combinedWithOutput
            ) { execution in
                // Not `.array(input)`: where a program ends without reading its input, that leaves
                // the pipe open and Subprocess ends this process for it.
                async let writing: Void = Self.write(input, to: execution.standardInputWriter)
                var printed: [UInt8] = []
                for try await buffer in execution.standardOutput {
                    let room = Self.mostOutput - printed.count
                    if room > 0 {
                        buffer.withUnsafeBytes { printed += $0.prefix(room) }
                    }
                }
                await writing
                return printed
            }
            let status: Int32? =
                if case .exited(let code) = result.terminationStatus { code } else { nil }
            let printed = String(decoding: result.closureResult, as: UTF8.self)
            return .success(Ended(status: status, printed: printed))
        } catch let error as SubprocessError where error.code == .executableNotFound {
            return .failure(
                DeliveryFailure(isWorthRetrying: false, "there is no program \(program)"))
        } catch {
            return .failure(
                DeliveryFailure(isWorthRetrying: true, "\(program) could not be run: \(error)"))
        }
    }

    /// A program need not read its input; its status tells whether it was content.
    private static func write(_ input: [UInt8], to writer: StandardInputWriter) async {
        _ = try? await writer.write(input)
        try? await writer.finish()
    }
}
