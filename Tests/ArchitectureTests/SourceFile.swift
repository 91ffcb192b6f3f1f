import Foundation

/// A file of the repository, as lines.
struct SourceFile {
    /// The path below the repository's root.
    let path: String
    let lines: [String]

    /// The module or the test target that the file belongs to.
    var module: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

    static let root = ((#filePath as NSString).deletingLastPathComponent + "/../..")

    /// Every file below a folder whose name ends so.
    static func all(below folder: String, ending: String = ".swift") throws -> [SourceFile] {
        try FileManager.default.subpathsOfDirectory(atPath: root + "/" + folder).filter { $0.hasSuffix(ending) }
            .sorted().map { name in
                let text = try String(contentsOfFile: "\(root)/\(folder)/\(name)", encoding: .utf8)
                return SourceFile(
                    path: "\(folder)/\(name)",
                    lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
            }
    }

    /// The modules that the file imports, with their lines.
    var imports: [(module: String, line: Int)] {
        lines.enumerated().compactMap { index, line in
            let words = line.split(separator: " ").filter { !$0.hasPrefix("@") }
            let rest = words.drop { ["package", "internal", "public", "private"].contains($0) }
            guard rest.first == "import", rest.count > 1 else { return nil }
            let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "typealias", "let", "var"]
            let name = rest.dropFirst().first { !kinds.contains($0) } ?? ""
            return (String(name.prefix { $0 != "." }), index + 1)
        }
    }
}
