import EbbModel
import EbbTestSupport
import Subprocess
import Testing

@testable import EbbSetup

@Suite struct PersistenceTableTests {
    @Test func `the shell reads a table as it was written`() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        let lines = (0..<60).map { _ in
            (
                mechanism: Bool.random(using: &random) ? Mechanism.bind : .symlink, path: Self.path(&random),
                target: Self.path(&random)
            )
        }
        let table =
            "# a comment\n"
            + lines.map { PersistenceTable.line($0.mechanism, path: $0.path, target: $0.target) + "\n" }.joined()

        // The very functions of the boot-time script, with printing in place of mounting.
        let script = """
            storage=/tmp
            decode() {
                decoded=$(printf '%bx' "$1")
                decoded=${decoded%x}
            }
            tab=$(printf '\\t')
            while IFS="$tab" read -r mechanism path target; do
                case $mechanism in '' | '#'*) continue ;; esac
                decode "$path" && path=$decoded
                decode "$target" && target=$decoded
                printf '%s\\0%s\\0%s\\0' "$mechanism" "$path" "$target"
            done
            """
        for shell in ["dash", "bash"] {
            let result = try await Subprocess.run(
                .name(shell), arguments: ["-c", script], input: .string(table), output: .bytes(limit: 1 << 20),
                error: .string(limit: 4096))
            var expected: [UInt8] = []
            for line in lines {
                expected += Array(line.mechanism.rawValue.utf8) + [0]
                expected += line.path.bytes + [0] + line.target.bytes + [0]
            }
            #expect(result.standardOutput == expected, "\(shell), seed \(seed)")
        }
    }

    private static func path(_ random: inout SeededRandom) -> BytePath {
        let bytes = (0..<Int.random(in: 1...40, using: &random)).map { _ in UInt8.random(in: 1...255, using: &random) }
        return BytePath(bytes: [UInt8(ascii: "/")] + bytes)
    }
}
