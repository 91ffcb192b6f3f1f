import Foundation
import Testing

@Suite struct ArchitectureTests {
    @Test func `a module imports what its row of the table allows, and nothing else`() throws {
        var faults: [String] = []
        for file in try SourceFile.all(below: "Sources") {
            guard let allowed = ImportTable.allowed[file.module] else {
                faults.append("\(file.path): the module \(file.module) has no row")
                continue
            }
            for (module, line) in file.imports where !allowed.contains(module) {
                faults.append("\(file.path):\(line): \(file.module) may not import \(module)")
            }
        }
        #expect(faults == [])
    }

    @Test func `no file has more than 400 lines`() throws {
        let files = try SourceFile.all(below: "Sources") + SourceFile.all(below: "Tests")
        let long = files.filter { $0.lines.count > 401 }.map { "\($0.path): \($0.lines.count)" }
        #expect(long == [])
    }

    @Test func `every type and function of a package's surface says what it guarantees`() throws {
        var faults: [String] = []
        let needed = ["struct", "class", "enum", "protocol", "actor", "func", "typealias"]
        for file in try SourceFile.all(below: "Sources") {
            for (index, line) in file.lines.enumerated() {
                let words = line.split(separator: " ").map(String.init)
                guard words.first == "package", isDeclaration(words, of: needed) else { continue }
                // What a protocol asks for is documented where the protocol stands.
                if Self.requirements.contains(where: { line.contains($0) }) { continue }
                if !isDocumented(file.lines, index) { faults.append("\(file.path):\(index + 1)") }
            }
        }
        #expect(faults == [])
    }

    @Test func `nothing traps, hides a race, or is left for later`() throws {
        let forbidden = [
            "@unchecked Sendable", "try!", "as!", "fatalError(", "preconditionFailure(", "TODO", "FIXME",
            "nonisolated(unsafe)",
        ]
        var faults: [String] = []
        for file in try SourceFile.all(below: "Sources") {
            for (index, line) in file.lines.enumerated() {
                for word in forbidden where line.contains(word) { faults.append("\(file.path):\(index + 1): \(word)") }
            }
        }
        #expect(faults == [])
    }

    @Test func `the repository names no place of the machine it was written on`() throws {
        let places = ["/wo" + "rk/", "../sha" + "red", "/opt/sw" + "ift"]
        var faults: [String] = []
        for folder in ["Sources", "Tests", "docs", "inventory", "playbooks", "lab", ".ci"] {
            let place = SourceFile.root + "/" + folder
            guard FileManager.default.fileExists(atPath: place) else { continue }
            for name in try FileManager.default.subpathsOfDirectory(atPath: place) {
                guard let text = try? String(contentsOfFile: "\(place)/\(name)", encoding: .utf8) else { continue }
                for place in places where text.contains(place) { faults.append("\(folder)/\(name): \(place)") }
            }
        }
        #expect(faults == [])
    }

    /// Members whose meaning the standard library or the argument parser defines.
    private static let requirements = [
        "func encode(to", "func hash(into", "func run() async throws", "func validate() throws", "static func <",
        "static func ==", "func next()", "func makeIterator()",
        // The port: Transport and Connection.
        "func withConnection<", "func stream(",
    ]

    private func isDeclaration(_ words: [String], of kinds: [String]) -> Bool {
        let modifiers: Set<String> = [
            "package", "static", "final", "mutating", "nonisolated", "override", "indirect", "consuming", "borrowing",
            "class",
        ]
        let rest = words.drop { modifiers.contains($0) && $0 != "class" || $0.hasPrefix("@") }
        return rest.first.map { kinds.contains(String($0)) } ?? false
    }

    private func isDocumented(_ lines: [String], _ index: Int) -> Bool {
        var above = index - 1
        while above >= 0 {
            let line = lines[above].drop { $0 == " " }
            if line.hasPrefix("///") { return true }
            guard line.hasPrefix("@") || line.hasPrefix("//") else { return false }
            above -= 1
        }
        return false
    }
}
