package import EbbInventory
package import EbbModel
import FoundationEssentials

/// Finds and reads a playbook.
package enum PlaybookFile {
    /// Reads the file of that name, or `playbooks/NAME.yml`; reports everything that is wrong at once.
    package static func read(_ name: String, notes: Notes) throws -> Playbook {
        let files = FileManager.default
        let places = [name, "playbooks/\(name)", "playbooks/\(name).yml"]
        guard let path = places.first(where: { isFile($0, files) }) else {
            let known = ((try? files.contentsOfDirectory(atPath: "playbooks")) ?? []).sorted().filter {
                $0.hasSuffix(".yml")
            }.map { String($0.dropLast(4)) }
            throw Failure(
                .usage, "there is no playbook \(name)",
                hint: known.isEmpty ? nil : "in playbooks/: \(known.joined(separator: ", "))")
        }
        let reading = PlaybookReader.read(Array(try Data(contentsOf: URL(filePath: path))), file: path)
        guard let book = reading.playbook else { throw Failure.unusable("the playbook", reading.problems) }
        for problem in reading.problems { notes.warning(problem.description) }
        return book
    }

    private static func isFile(_ path: String, _ files: FileManager) -> Bool {
        var isDirectory = false
        return files.fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory
    }
}
