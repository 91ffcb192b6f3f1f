import FoundationEssentials

/// The file of an inventory that holds the variables of one host or group.
package struct VariablesFile: Sendable {
    package let path: String
    /// What it holds; `nil` where it is not there yet.
    package let text: String?

    /// The file that has Ebb's settings of that name already, else one that is there, else a new one.
    ///
    /// `kind` is `host_vars` or `group_vars`.
    package static func find(_ name: String, kind: String, of inventory: InventoryLoader) -> VariablesFile {
        let files = FileManager.default
        var isDirectory = false
        let stem = "\(inventory.directory)/\(kind)/\(name)"
        var candidates = [stem + ".yml", stem + ".yaml"]
        if files.fileExists(atPath: stem, isDirectory: &isDirectory) {
            let inside = (try? files.contentsOfDirectory(atPath: stem)) ?? []
            candidates += isDirectory ? inside.sorted().map { stem + "/" + $0 } : [stem]
        }
        let present = candidates.compactMap { path -> VariablesFile? in
            guard let data = try? Data(contentsOf: URL(filePath: path)),
                let text = String(validating: data, as: UTF8.self)
            else { return nil }
            return VariablesFile(path: path, text: text)
        }
        let own = present.first { file in file.text?.split(separator: "\n").contains { $0.hasPrefix("ebb:") } ?? false }
        return own ?? present.first ?? VariablesFile(path: stem + ".yml", text: nil)
    }

    /// Makes the directory that holds the file.
    package func makeDirectory() throws {
        try FileManager.default.createDirectory(
            at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
    }
}
