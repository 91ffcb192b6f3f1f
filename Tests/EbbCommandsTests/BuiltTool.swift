import Foundation
import Subprocess

/// The `ebb` that was built together with these tests.
enum BuiltTool {
    /// What one run gave.
    struct Answer: Equatable {
        var output = ""
        var errors = ""
        var status: Int32 = 0
    }

    /// The program, beside the test program itself.
    static var path: String {
        let test = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return (test as NSString).deletingLastPathComponent + "/ebb"
    }

    /// Runs `ebb` in a directory, with an environment of its own.
    static func run(_ arguments: [String], in directory: String, environment: [String: String] = [:]) async throws
        -> Answer
    {
        var variables: [Environment.Key: String] = [
            "PATH": "/usr/bin:/bin", "HOME": "/home/op", "COLUMNS": "80", "LC_ALL": "C.UTF-8",
        ]
        for (name, value) in environment { variables[Environment.Key(rawValue: name) ?? "X"] = value }
        // A shell that changes directory and becomes the tool.
        let result = try await Subprocess.run(
            .name("sh"),
            arguments: Arguments(["-c", "cd \"$1\" && shift && exec \"$@\"", "sh", directory, path] + arguments),
            environment: .custom(variables), output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        let status: Int32 =
            switch result.terminationStatus {
            case .exited(let code): code
            case .signaled(let signal): 128 + signal
            }
        return Answer(output: result.standardOutput, errors: result.standardError, status: status)
    }
}
