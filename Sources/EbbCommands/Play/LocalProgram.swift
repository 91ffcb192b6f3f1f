import EbbModel
import Subprocess
import SystemPackage

/// A program on the controller, with a limit in time and a bounded memory of what it printed.
struct LocalProgram: Sendable {
    /// What came of it.
    struct Ended: Sendable {
        let isSuccess: Bool
        /// One sentence for a person; the last line that it printed, or why it could not be run.
        let sentence: String
        let printed: String
        let status: Int32?
    }

    let program: String
    let arguments: [String]
    var variables: [String: String] = [:]
    let limit: Duration

    func run() async -> Ended {
        await withTaskGroup(of: Ended?.self) { group in
            group.addTask { await started() }
            group.addTask { [limit] in
                try? await Task.sleep(for: limit)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
                ?? Ended(
                    isSuccess: false, sentence: "it took longer than \(limit) and was ended",
                    printed: "", status: nil)
        }
    }

    private func started() async -> Ended {
        var platform = PlatformOptions()
        platform.createSession = true
        platform.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(1))
        ]
        let environment = Dictionary(
            uniqueKeysWithValues: variables.map {
                (Environment.Key(stringLiteral: $0), Optional($1))
            })
        do {
            let result = try await Subprocess.run(
                .path(FilePath(program)), arguments: Arguments(arguments),
                environment: .inherit.updating(environment), platformOptions: platform,
                input: .none, output: .sequence, error: .combinedWithOutput
            ) { execution in
                var printed: [UInt8] = []
                for try await buffer in execution.standardOutput {
                    buffer.withUnsafeBytes { printed += $0 }
                    // The end is what tells; more than this nobody reads.
                    if printed.count > 1 << 17 { printed.removeFirst(printed.count - (1 << 16)) }
                }
                return printed
            }
            let text = PrintableText.block(result.closureResult)
            let last = text.split(separator: "\n").last.map(String.init) ?? ""
            guard case .exited(let code) = result.terminationStatus else {
                return Ended(
                    isSuccess: false, sentence: "a signal ended it", printed: text, status: nil)
            }
            return Ended(
                isSuccess: code == 0,
                sentence: code == 0 ? last : "exit status \(code): \(last)", printed: text,
                status: code)
        } catch {
            return Ended(
                isSuccess: false, sentence: "\(program) could not be run: \(error)", printed: "",
                status: nil)
        }
    }
}
