import Foundation
import Testing

@Suite struct ScriptTests {
    private static let folder = (#filePath as NSString).deletingLastPathComponent + "/Scripts"

    /// With `RECORD_SNAPSHOTS=1` the answers are written into the scripts, and the test fails all
    /// the same: what was recorded must be read before it counts.
    @Test func `every story is told as its script says`() async throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder).filter { $0.hasSuffix(".txt") }
            .sorted()
        #expect(!names.isEmpty)
        for name in names { try await tell(name) }
    }

    private func tell(_ name: String) async throws {
        let path = Self.folder + "/" + name
        let script = CommandScript(try String(contentsOfFile: path, encoding: .utf8))
        let directory = NSTemporaryDirectory() + "ebb-script-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        var answers: [[String]] = []
        for part in script.parts {
            switch part {
            case .comment: continue
            case .file(let path, let lines):
                let place = directory + "/" + path
                try FileManager.default.createDirectory(
                    atPath: (place as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
                try (lines.joined(separator: "\n") + "\n").write(toFile: place, atomically: true, encoding: .utf8)
                if lines.first?.hasPrefix("#!") == true {
                    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: place)
                }
            case .command(let line, let expected):
                let actual = try await answer(to: line, in: directory)
                answers.append(actual)
                #expect(actual == expected, "\(name): $ \(line)")
            }
        }
        if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
            try script.recorded(answers).write(toFile: path, atomically: true, encoding: .utf8)
            Issue.record("\(name) was recorded: read it, then run without RECORD_SNAPSHOTS")
        }
    }

    private func answer(to line: String, in directory: String) async throws -> [String] {
        let words = CommandScript.words(line)
        let variables = words.prefix { $0.contains("=") && !$0.hasPrefix("-") }
        let environment = variables.reduce(into: [String: String]()) { variables, word in
            let parts = word.split(separator: "=", maxSplits: 1)
            variables[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
        }
        let command = words.dropFirst(variables.count)
        if command.first == "cat", let file = command.last {
            let text = try String(contentsOfFile: directory + "/" + file, encoding: .utf8)
            return Self.lines(text)
        }
        #expect(command.first == "ebb", "scripts run `ebb` and `cat` only")
        let answer = try await BuiltTool.run(Array(command.dropFirst()), in: directory, environment: environment)
        var lines = Self.lines(answer.output) + Self.lines(answer.errors).map { "! " + $0 }
        if answer.status != 0 { lines.append("? \(answer.status)") }
        return lines
    }

    private static func lines(_ text: String) -> [String] {
        // Colors are shown by a sign of their own: a script is plain text.
        let shown = text.replacingOccurrences(of: "\u{1B}", with: "␛")
        var lines = shown.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}
