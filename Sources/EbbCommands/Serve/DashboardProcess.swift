import EbbLocal
import EbbModel
import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// The process that serves pages: started, started again when it ends, ended with this one.
///
/// It inherits next to nothing: no agent, no home, no variables but those named here. Its standard
/// input is a pipe that this process keeps open; when this process ends, however it ends, the pipe
/// does too, and the pages go.
final class DashboardProcess: Sendable {
    private static let kept = ["PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH"]

    private let program: String
    private let arguments: [String]
    private let notes: Notes
    private let isStopping = Mutex(false)
    private let running = Mutex<Int32?>(nil)

    init(program: String, arguments: [String], notes: Notes) {
        (self.program, self.arguments, self.notes) = (program, arguments, notes)
    }

    /// Keeps it running; the pause between starts grows while it does not stay.
    func supervise() async {
        var pause = 1
        while !isStopping.withLock(\.self) {
            let begin = ContinuousClock.now
            let ended = await run()
            guard !isStopping.withLock(\.self) else { return }
            if ContinuousClock.now - begin > .seconds(60) { pause = 1 }
            notes.problem("ebb-dashboard ended (\(ended)); it is started again in \(pause) s")
            try? await Task.sleep(for: .seconds(pause))
            pause = min(pause * 2, 60)
        }
    }

    /// Asks it to end, and waits a moment for what it is answering.
    func stop() async {
        isStopping.withLock { $0 = true }
        guard let process = running.withLock(\.self) else { return }
        kill(process, SIGTERM)
        for _ in 0..<50 where running.withLock({ $0 != nil }) { try? await Task.sleep(for: .milliseconds(100)) }
    }

    private func run() async -> String {
        var variables: [Environment.Key: String] = [:]
        for name in Self.kept {
            if let value = ProcessVariable.named(name) { variables[Environment.Key(stringLiteral: name)] = value }
        }
        do {
            let result = try await Subprocess.run(
                .path(FilePath(program)), arguments: Arguments(arguments), environment: .custom(variables),
                input: .inputWriter, output: .sequence, error: .combinedWithOutput
            ) { [self] execution in
                running.withLock { $0 = execution.processIdentifier.value }
                // What it says goes to this process's log; the end of it is the end of the process.
                for try await buffer in execution.standardOutput {
                    let text = buffer.withUnsafeBytes { PrintableText.block(Array($0)) }
                    Terminal.error.write(text)
                }
                // Held until now, and never written to.
                try? await execution.standardInputWriter.finish()
            }
            running.withLock { $0 = nil }
            return "\(result.terminationStatus)"
        } catch {
            running.withLock { $0 = nil }
            return "\(error)"
        }
    }
}
