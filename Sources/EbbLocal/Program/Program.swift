import EbbModel
import Glibc
import Subprocess
import SystemPackage

/// A program that is given some bytes and some time; what it started ends with it.
package struct Program: Sendable {
    /// Which part of the output is kept when there is more of it than may be.
    package enum Kept: Sendable { case beginning, end }

    /// A path, or a name that is looked for in `PATH`.
    package let name: String
    package let arguments: [String]
    /// Variables beside those of Ebb's own environment.
    package let variables: [String: String]
    /// Its standard input, which it need not read.
    package let input: [UInt8]
    package let limit: Duration
    /// How many bytes of its output are kept.
    package let maxOutput: Int
    package let kept: Kept

    package init(
        _ name: String, _ arguments: [String], variables: [String: String] = [:], input: [UInt8] = [], limit: Duration,
        maxOutput: Int = 64 << 10, kept: Kept = .end
    ) {
        (self.name, self.arguments, self.variables, self.input) = (name, arguments, variables, input)
        (self.limit, self.maxOutput, self.kept) = (limit, maxOutput, kept)
    }

    /// Nobody reads more complaints than these bytes.
    private static let maxErrors = 4_096

    /// A program that ends without reading its input is an error of that write, and not the end of this process.
    private static let brokenPipesAreErrors: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

    /// Runs it to its end; throws when it cannot be started or takes too long.
    package func run() async throws(ProgramFailure) -> ProgramEnd {
        let outcome = await withTaskGroup(of: Result<ProgramEnd, ProgramFailure>?.self) { group in
            group.addTask { await started() }
            group.addTask { [limit] in
                try? await Task.sleep(for: limit)
                return nil
            }
            let first = await group.next() ?? nil
            // Cancelling ends the program and whatever it started in its session.
            group.cancelAll()
            return first
        }
        guard let outcome else { throw ProgramFailure(.late, "\(name) took longer than \(limit) and was ended") }
        return try outcome.get()
    }

    private func started() async -> Result<ProgramEnd, ProgramFailure> {
        Self.brokenPipesAreErrors
        var platform = PlatformOptions()
        platform.createSession = true
        platform.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(1))]
        let environment = Dictionary(
            uniqueKeysWithValues: variables.map { (Environment.Key(stringLiteral: $0), Optional($1)) })
        let maxOutput = maxOutput
        let keepsEnd = kept == .end
        do {
            let result = try await Subprocess.run(
                name.contains("/") ? .path(FilePath(name)) : .name(name), arguments: Arguments(arguments),
                environment: .inherit.updating(environment), platformOptions: platform, input: .inputWriter,
                output: .sequence, error: .sequence
            ) { execution in
                // Not `.array(input)`: where a program ends without reading its input, that leaves
                // the pipe open and Subprocess ends this process for it.
                async let writing: Void = Self.write(input, to: execution.standardInputWriter)
                async let errors = Self.read(execution.standardError, max: Self.maxErrors, keepsEnd: true)
                let output = try await Self.read(execution.standardOutput, max: maxOutput, keepsEnd: keepsEnd)
                await writing
                return (output, try await errors)
            }
            let (output, errors) = result.closureResult
            let status: Int32? = if case .exited(let code) = result.terminationStatus { code } else { nil }
            return .success(ProgramEnd(status: status, output: output.bytes, isCut: output.isCut, errors: errors.bytes))
        } catch let error as SubprocessError where error.code == .executableNotFound {
            return .failure(ProgramFailure(.notFound, "there is no program \(name)"))
        } catch { return .failure(ProgramFailure(.notRun, "\(name) could not be run: \(error)")) }
    }

    /// Reads a stream to its end and keeps a part of it.
    private static func read(_ stream: SubprocessOutputSequence, max: Int, keepsEnd: Bool) async throws -> (
        bytes: [UInt8], isCut: Bool
    ) {
        var bytes: [UInt8] = []
        var isCut = false
        func cut() {
            bytes.removeFirst(bytes.count - max)
            isCut = true
        }
        for try await buffer in stream {
            buffer.withUnsafeBytes { part in
                if keepsEnd {
                    bytes += part
                } else {
                    isCut = isCut || part.count > max - bytes.count
                    bytes += part.prefix(max - bytes.count)
                }
            }
            // Twice as much at the most, so that not every buffer moves all of it.
            if bytes.count > 2 * max { cut() }
        }
        if bytes.count > max { cut() }
        return (bytes, isCut)
    }

    /// Writes what the program may read; one that ends without reading all is no error.
    private static func write(_ input: [UInt8], to writer: StandardInputWriter) async {
        if !input.isEmpty { _ = try? await writer.write(input) }
        try? await writer.finish()
    }
}

/// How a program ended, with what it printed.
package struct ProgramEnd: Sendable {
    /// `nil` when a signal ended it.
    package let status: Int32?
    /// The kept part of its standard output.
    package let output: [UInt8]
    /// Whether there was more output than is kept.
    package let isCut: Bool
    /// The end of its standard error.
    package let errors: [UInt8]

    /// Whether it exited with status 0.
    package var isSuccess: Bool { status == 0 }

    /// How it ended, for a sentence.
    package var how: String { status.map { "exit status \($0)" } ?? "a signal" }

    /// The last line that it printed, safe to show: of its results where it went well, of its
    /// complaints where it did not; empty when it printed nothing.
    package var lastLine: String {
        let (first, second) = isSuccess ? (output, errors) : (errors, output)
        return Self.lastLine(first) ?? Self.lastLine(second) ?? ""
    }

    /// One sentence for a report: how it failed, and the last line that it printed.
    package var sentence: String { isSuccess ? lastLine : lastLine.isEmpty ? how : "\(how): \(lastLine)" }

    private static func lastLine(_ bytes: [UInt8]) -> String? {
        bytes.split(separator: UInt8(ascii: "\n")).map { PrintableText.line(String(decoding: $0, as: UTF8.self)) }.last
        { !$0.allSatisfy(\.isWhitespace) }
    }
}

/// Why a program did not run to its end.
package struct ProgramFailure: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is: `late` alone may have done its work all the same.
    package enum Code: Sendable { case notFound, notRun, late }

    package let code: Code
    /// One sentence for a person, which names the program.
    package let message: String

    package init(_ code: Code, _ message: String) { (self.code, self.message) = (code, message) }

    package var description: String { message }
}

/// A detached SSH signature over a document, made by the person's own `ssh-keygen`.
package enum DocumentSignature {
    /// What the signature is for; one made for another purpose does not verify here.
    private static let namespace = "ebb-compliance"

    /// Signs a file, and gives the path of the signature beside it.
    ///
    /// `key` is a private key, or a public one whose private half an agent holds.
    package static func make(of path: String, key: String) async throws -> String {
        let signer = Program("ssh-keygen", ["-q", "-Y", "sign", "-f", key, "-n", namespace, path], limit: .seconds(60))
        let ended: ProgramEnd
        do throws(ProgramFailure) { ended = try await signer.run() } catch {
            throw Failure(
                .toolFailure, "ssh-keygen did not run to its end, so nothing was written",
                hint: "it comes with the OpenSSH client", cause: error)
        }
        guard ended.isSuccess else {
            throw Failure(
                .toolFailure, "ssh-keygen did not sign with \(PrintableText.line(key)), so nothing was written",
                cause: ProgramFailure(.notRun, "\(ended.how): \(ended.lastLine)"))
        }
        return path + ".sig"
    }
}
