package import EbbInventory
package import EbbModel
import FoundationEssentials

/// The inventory, checked, and the hosts that a command is about.
package struct Selection: Sendable {
    package let inventory: Inventory
    /// The chosen hosts, in the order of the files; never none.
    package let hosts: [Inventory.Host]

    /// Chooses hosts of an inventory that was read; throws a usage error that reports everything at once.
    package static func choose(
        _ pattern: String, limitedTo limit: String?, of reading: InventoryReader.Reading, notes: Notes
    ) throws -> Selection {
        guard reading.isUsable else { throw Failure.unusable("the inventory", reading.problems) }
        for problem in reading.problems { notes.warning(problem.description) }
        do throws(PatternError) {
            var limiting: HostPattern?
            if let limit { limiting = try HostPattern(limit, readFile: text(ofFile:)) }
            let chosen = try reading.inventory.hosts(
                matching: HostPattern(pattern, readFile: text(ofFile:)), limitedTo: limiting)
            return Selection(inventory: reading.inventory, hosts: chosen.compactMap { reading.inventory.host($0) })
        } catch { throw Failure(.usage, error.message, hint: error.hint) }
    }

    private static func text(ofFile path: String) throws(PatternError) -> String {
        do { return String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self) } catch {
            throw PatternError(
                message: "the file of “@\(path)” cannot be read", hint: "it holds one host or pattern per line")
        }
    }
}

extension Failure {
    /// Everything that is wrong with an inventory or a playbook, as one usage error.
    package static func unusable(_ what: String, _ problems: [SourceProblem]) -> Failure {
        let lines = problems.map { problem in
            let cure = problem.hint.map { "\n    → \($0)" } ?? ""
            let place = problem.location.map { "\($0): " } ?? ""
            return "  \(place)\(problem.severity.rawValue): \(problem.message)\(cure)"
        }
        let errors = problems.count { $0.severity == .error }
        let count = errors == 1 ? "one problem" : "\(errors) problems"
        return Failure(.usage, "\(what) has \(count)\n" + lines.joined(separator: "\n"))
    }
}

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
                .usage, "there is no file \(places.dropLast().joined(separator: ", ")) or \(places.last ?? "") here",
                hint: known.isEmpty
                    ? "`ebb init` writes a first playbook" : "in playbooks/: \(known.joined(separator: ", "))")
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
