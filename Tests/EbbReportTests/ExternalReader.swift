import Foundation
import Testing

/// Has a program that somebody else wrote read a document.
enum ExternalReader {
    static let schemas = (#filePath as NSString).deletingLastPathComponent + "/../../docs/schemas/"

    /// Fails the test with what the program says, unless it accepts the text.
    ///
    /// `arguments` are followed by the file's name.
    static func expect(_ text: String, isAcceptedBy program: String, _ arguments: [String]) throws {
        let file = NSTemporaryDirectory() + "ebb-export-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        let reader = Process()
        reader.executableURL = URL(filePath: program)
        reader.arguments = arguments + [file]
        let said = Pipe()
        reader.standardError = said
        reader.standardOutput = said
        try reader.run()
        let answer = try said.fileHandleForReading.readToEnd() ?? Data()
        reader.waitUntilExit()
        #expect(reader.terminationStatus == 0, "\(program): \(String(decoding: answer, as: UTF8.self).prefix(2_000))")
    }
}
