import Subprocess
import SystemPackage

/// A program of this machine, run to its end.
struct Program {
    /// What it did.
    struct Ended: Sendable {
        let status: Int32
        let output: String
        let error: String
    }

    /// Runs it; a signal that killed it is told as 128 and its number, as a shell does.
    static func run(_ path: String, _ arguments: [String], environment: [String: String] = [:]) async throws -> Ended {
        let changes = Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0), $1) })
        let result = try await Subprocess.run(
            .path(FilePath(path)), arguments: Arguments(arguments), environment: .inherit.updating(changes),
            input: .none, output: .string(limit: 32 << 20), error: .string(limit: 4 << 20))
        let status: Int32 =
            switch result.terminationStatus {
            case .exited(let code): code
            case .signaled(let signal): 128 + signal
            }
        return Ended(status: status, output: result.standardOutput, error: result.standardError)
    }
}
