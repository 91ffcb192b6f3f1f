import Foundation

/// Runs a script through a real shell of this machine.
enum RealShell {
    /// Standard output, standard error and status of `shell -s` fed with `script`.
    static func run(_ script: [UInt8], shell: [String] = ["sh"], environment: [String: String] = [:]) throws -> (
        output: [UInt8], error: [UInt8], status: Int32
    ) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = shell + ["-s"]
        if !environment.isEmpty {
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        }
        let input = Pipe()
        let output = Pipe()
        let error = Pipe()
        process.standardInput = input
        process.standardOutput = output
        process.standardError = error
        // A thread of Swift's tasks blocks every signal, and a child would inherit that.
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try process.run()
        let writer = Thread {
            try? input.fileHandleForWriting.write(contentsOf: Data(script))
            try? input.fileHandleForWriting.close()
        }
        writer.start()
        let collected = Collected()
        let done = DispatchSemaphore(value: 0)
        let reader = Thread {
            collected.bytes = Array(error.fileHandleForReading.readDataToEndOfFile())
            done.signal()
        }
        reader.start()
        let bytes = Array(output.fileHandleForReading.readDataToEndOfFile())
        done.wait()
        process.waitUntilExit()
        return (bytes, collected.bytes, process.terminationStatus)
    }

    /// Written by one thread before the semaphore, read by another after it.
    private final class Collected: @unchecked Sendable { var bytes: [UInt8] = [] }

    /// The shells of this machine that hosts may have as `sh`.
    static let shells: [[String]] = [["dash"], ["bash", "--posix"], ["busybox", "sh"]].filter {
        let name = $0[0]
        return ["/bin/", "/usr/bin/"].contains { FileManager.default.isExecutableFile(atPath: $0 + name) }
    }
}
