import ArgumentParser
import Testing

@testable import EbbCommands

@Suite struct ExampleTests {
    @Test func `every command says in one line what it does, and shows an example that works`() throws {
        var rest: [any ParsableCommand.Type] = [EbbCommand.self]
        while let command = rest.popLast() {
            rest += command.configuration.subcommands
            let name = command._commandName
            #expect(!command.configuration.abstract.isEmpty, "\(name)")
            #expect(!command.configuration.abstract.contains("\n"), "\(name)")
            let line = try #require(
                command.configuration.discussion.split(separator: "\n").last { $0.hasPrefix("Example: ebb ") },
                "\(name) has no example")
            let words = Self.words(String(line.dropFirst("Example: ebb ".count)))
            let parsed = try EbbCommand.parseAsRoot(words)
            #expect(
                type(of: parsed) == command || !command.configuration.subcommands.isEmpty,
                "\(line) is another command than \(name)")
        }
    }

    /// The words of a line, quoted ones whole.
    private static func words(_ line: String) -> [String] {
        var words: [String] = []
        for (index, part) in line.split(separator: "'", omittingEmptySubsequences: false).enumerated() {
            if index % 2 == 1 {
                words.append(String(part))
            } else {
                words += part.split(separator: " ").map(String.init)
            }
        }
        return words
    }
}
