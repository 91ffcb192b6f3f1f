import EbbModel
import EbbTestSupport
import Subprocess
import Testing

/// Commands are data; real shells say whether the one place that makes text of them does it right.
@Suite struct RemoteCommandTests {
    private static let shells = [["sh"], ["bash"], ["busybox", "sh"]]

    /// The words that a shell hands to a program for this text.
    private func words(of line: [UInt8], in shell: [String]) async throws -> [[UInt8]] {
        let result = try await Subprocess.run(
            .name(shell[0]), arguments: Arguments(Array(shell.dropFirst()) + ["-s"]),
            input: .array(Array("set -f; printf '%s\\0' ".utf8) + line + [UInt8(ascii: "\n")]),
            output: .bytes(limit: 1 << 22), error: .string(limit: 1 << 16))
        #expect(result.terminationStatus.isSuccess, "\(shell): \(result.standardError)")
        return result.standardOutput.split(separator: 0, omittingEmptySubsequences: false).dropLast().map(Array.init)
    }

    @Test(arguments: shells) func `a shell reads back exactly the words that went in`(shell: [String]) async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        let texts =
            HostileText.pieces + ["", "'\u{301}; touch /tmp/ebb-injected #", "-n", "a=b"]
            + (0..<500).map { _ in HostileText.random(&random) }
        let command = RemoteCommand(texts[0], arguments: Array(texts.dropFirst()))
        let read = try await words(of: Array(command.shellLine.utf8), in: shell)
        #expect(read == texts.map { Array($0.utf8) }, "seed \(seed)")
    }

    @Test(arguments: shells) func `a shell reads back names that are no text`(shell: [String]) async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        let names = (0..<500).map { _ in HostileText.bytes(&random) }
        let line = names.map(RemoteCommand.quoted).joined(separator: [UInt8(ascii: " ")])
        #expect(try await words(of: Array(line), in: shell) == names, "seed \(seed)")
    }

    @Test func `what is plain stays readable`() {
        #expect(RemoteCommand("systemctl", "is-system-running").shellLine == "systemctl is-system-running")
        #expect(RemoteCommand("echo", "a b", "").shellLine == "echo 'a b' ''")
    }
}
