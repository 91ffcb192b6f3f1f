import EbbInventory
import EbbModel
import FoundationEssentials

/// Finds and reads a playbook.
enum PlaybookFile {
    /// Reads the file of that name, or `playbooks/NAME.yml`; tells everything that is wrong at once.
    static func read(_ name: String, notes: Notes) throws -> Playbook {
        let files = FileManager.default
        let places = [name, "playbooks/\(name)", "playbooks/\(name).yml"]
        guard let path = places.first(where: { isFile($0, files) }) else {
            let known = ((try? files.contentsOfDirectory(atPath: "playbooks")) ?? []).sorted()
                .filter { $0.hasSuffix(".yml") }.map { String($0.dropLast(4)) }
            throw Failure(
                .usage, "there is no playbook \(name)",
                hint: known.isEmpty ? nil : "in playbooks/: \(known.joined(separator: ", "))")
        }
        let reading = PlaybookReader.read(
            Array(try Data(contentsOf: URL(filePath: path))), file: path)
        guard let book = reading.playbook else {
            let lines = reading.problems.map { problem in
                let cure = problem.hint.map { "\n    → \($0)" } ?? ""
                let place = problem.location.map { "\($0): " } ?? ""
                return "  \(place)\(problem.severity.rawValue): \(problem.message)\(cure)"
            }
            throw Failure(
                .usage, "the playbook cannot be used\n" + lines.joined(separator: "\n"))
        }
        for problem in reading.problems { notes.warning(problem.description) }
        return book
    }

    private static func isFile(_ path: String, _ files: FileManager) -> Bool {
        var isDirectory = false
        return files.fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory
    }
}
