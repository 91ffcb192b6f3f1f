package import EbbInventory
package import EbbModel
import FoundationEssentials

/// The inventory, checked, and the hosts that a command is about.
package struct Selection: Sendable {
    package let inventory: Inventory
    /// The chosen hosts, in the order of the files; never none.
    package let hosts: [Inventory.Host]
    /// What the inventory's author should know, though nothing forbids going on.
    package let warnings: [SourceProblem]

    /// The settings of the chosen hosts.
    package var settings: [HostSettings] { hosts.map(\.settings) }

    /// Reads the inventory and chooses hosts; throws a usage error that tells everything at once.
    ///
    /// The pattern is narrowed by `--limit`. Without `presets` their names stay unchecked.
    static func load(
        _ pattern: String, _ options: GlobalOptions, presets: [String]?
    ) async throws -> Selection {
        let loader = InventoryLoader(
            path: options.inventoryPath, presets: presets)
        let reading = try await loader.load()
        guard reading.isUsable else { throw Failure.inventory(reading.problems) }
        for problem in reading.problems { options.notes.warning(problem.description) }
        do throws(PatternError) {
            let chosen = try reading.inventory.hosts(
                matching: HostPattern(pattern, readFile: Self.text(ofFile:)),
                limitedTo: try limit(options))
            return Selection(
                inventory: reading.inventory,
                hosts: chosen.compactMap { reading.inventory.host($0) },
                warnings: reading.problems)
        } catch {
            throw Failure(.usage, error.message, hint: error.hint)
        }
    }

    private static func limit(_ options: GlobalOptions) throws(PatternError) -> HostPattern? {
        guard let limit = options.limit else { return nil }
        return try HostPattern(limit, readFile: text(ofFile:))
    }

    private static func text(ofFile path: String) throws(PatternError) -> String {
        do {
            return String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        } catch {
            throw PatternError(
                message: "the file of “@\(path)” cannot be read",
                hint: "it holds one host or pattern per line")
        }
    }
}

extension Failure {
    /// Everything that is wrong with an inventory or a playbook, as one usage error.
    package static func inventory(_ problems: [SourceProblem]) -> Failure {
        let lines = problems.map { problem in
            let cure = problem.hint.map { "\n    → \($0)" } ?? ""
            let place = problem.location.map { "\($0): " } ?? ""
            return "  \(place)\(problem.severity.rawValue): \(problem.message)\(cure)"
        }
        let errors = problems.count { $0.severity == .error }
        let count = errors == 1 ? "one problem" : "\(errors) problems"
        return Failure(
            .usage, "the inventory has \(count)\n" + lines.joined(separator: "\n"))
    }
}
