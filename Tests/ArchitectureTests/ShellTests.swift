import Foundation
import Testing

/// Shell that runs on hosts is a file, and keeps the rules of "Shell on hosts" in CONTRIBUTING.md.
@Suite struct ShellTests {
    /// What only shell has: the words of its loops and conditionals, and what stands for them.
    private static let shell = [
        #"^(then|else|fi|esac|do)$|; *(then|do|done|fi|esac)( *$|;)"#, #"\bcase [^ ]+ in( |$)"#,
        #"(\]|true|false) *(&&|\|\|) "#, #"^ *(if|while|until) \["#,
        #"(&&|\|\|) *(exit|return|exec|break|continue|:|true|\{|\[)( |$)"#,
    ].map { try? NSRegularExpression(pattern: $0) }

    @Test func `no string of Swift holds a loop or a conditional of shell`() throws {
        var faults: [String] = []
        for file in try SourceFile.all(below: "Sources") where file.module != "EbbTestSupport" {
            for (text, line) in file.literals where isShell(text) { faults.append("\(file.path):\(line): \(text)") }
        }
        #expect(faults == [])
    }

    @Test func `loops and conditionals of shell are recognised, sentences are not`() {
        let shell = [
            #"if [ -e "$file" ]; then cat "$file"; fi"#, "for x in a b; do echo; done", "fi", #"[ -n "$x" ] || exit 1"#,
            "cat x || :", "case $x in a) ;; esac", "while read -r x; do",
        ]
        #expect(shell.filter { !isShell($0) } == [])
        let sentences = [
            "all is done: nothing to do", "it will hold all that it has then", "in that case in Rome",
            "mount -t btrfs -o subvolid=5", "if it fails, do it again", "a && b", "done", "import it; do not edit it",
        ]
        #expect(sentences.filter(isShell) == [])
    }

    private func isShell(_ text: String) -> Bool {
        let range = NSRange(text.startIndex..., in: text)
        return Self.shell.contains { pattern in pattern.map { $0.firstMatch(in: text, range: range) != nil } ?? true }
    }

    @Test func `the linter finds what hides a failure`() throws {
        let place = FileManager.default.temporaryDirectory.path + "/ebb-lint-\(UUID().uuidString)"
        let folder = place + "/Sources/Ebb/Host"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: place) }
        func lint(_ lines: String) throws -> Bool {
            let file = folder + "/some.sh"
            try "# shellcheck shell=sh\n\n\n\n\n\n\n\(lines)\n".write(toFile: file, atomically: true, encoding: .utf8)
            let process = Process()
            process.executableURL = URL(fileURLWithPath: SourceFile.root + "/.ci/shell-lint")
            process.arguments = [file]
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            return process.terminationStatus == 0
        }
        for bad in [
            "list | grep -q word", "list |\n    grep -xqF word", "cat file || true", "cat file || :",
            "x=$(cat file 2>/dev/null)\necho \"$x\"", "x=$(cat file 2>/dev/null | sort) && echo \"$x\"",
            "f() { local x=$(cat file); echo \"$x\"; }", "x=$(zfs list | sed 1d)\necho \"$x\"",
            "# The first.\nlist | sort |\n    head -n 1",
        ] { #expect(try !lint(bad), "\(bad)") }
        for good in [
            "grep -q word file", "list | grep word >/dev/null", "# It may be gone.\ncat file || :",
            "if cat file 2>/dev/null; then echo; fi", "x=$(zfs list) || exit 1\necho \"$x\" | sed 1d",
            "x=$(cat file 2>/dev/null) || exit 1\necho \"$x\"", "list | sort | { head -n 1; cat >/dev/null; }",
        ] { #expect(try lint(good), "\(good)") }
    }
}

extension SourceFile {
    /// The lines of text in string literals, with where they stand.
    ///
    /// A reader of lines, good enough for formatted code: what it interpolates stays in the text.
    var literals: [(text: String, line: Int)] {
        var found: [(text: String, line: Int)] = []
        var isInside = false
        for (index, line) in lines.enumerated() {
            let quotes = line.components(separatedBy: "\"\"\"").count - 1
            if quotes % 2 == 1 {
                isInside.toggle()
            } else if isInside {
                found.append((line.trimmingCharacters(in: .whitespaces), index + 1))
            } else if !line.drop(while: { $0 == " " }).hasPrefix("//") {
                // Every second piece between quotes is text.
                let pieces = line.replacingOccurrences(of: "\\\"", with: "'").components(separatedBy: "\"")
                for piece in pieces.enumerated() where piece.offset % 2 == 1 {
                    found.append((piece.element, index + 1))
                }
            }
        }
        return found
    }
}
