package import ArgumentParser
import EbbClassifier
import EbbInventory
import EbbLocal
import EbbModel
import EbbReport

/// `ebb inventory check`: everything that is wrong with the inventory, at once.
package struct InventoryCheck: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Lists everything that is wrong with the inventory.",
        usage: "ebb inventory check [options]",
        discussion: """
            Talks to no host. Formats: table, json. Exit status 2 when something is wrong; warnings \
            alone leave it at 0.
            """
    ).example("ebb inventory check")

    @OptionGroup var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json])
        let loader = options.loader
        let reading = try await loader.load(presets: try loader.catalogue().presets.keys.sorted())
        if format == .json {
            try options.results.write(Self.json(reading))
        } else {
            try options.results.write(text(reading))
        }
        try (reading.isUsable ? ExitStatus.success : .usage).leave()
    }

    private func text(_ reading: InventoryReader.Reading) -> String {
        let color = options.results.isColored
        let lines = reading.problems.map { problem in
            let role: TextRole = problem.severity == .error ? .bad : .warning
            let severity = role.paint(problem.severity.rawValue + ":", color: color)
            let place = problem.location.map { "\($0): " } ?? ""
            let cure = problem.hint.map { "\n    → \(PrintableText.line($0))" } ?? ""
            return PrintableText.line(place) + severity + " " + PrintableText.line(problem.message) + cure + "\n"
        }
        let hosts = reading.inventory.hosts.count
        let groups = reading.inventory.groups.count - 2
        let errors = reading.problems.count { $0.severity == .error }
        let warnings = reading.problems.count - errors
        let verdict = errors == 0 ? "can be used" : "cannot be used"
        return lines.joined() + "\(Self.counted(hosts, "host")) in \(Self.counted(groups, "group")): "
            + "\(Self.counted(errors, "error")), \(Self.counted(warnings, "warning")); " + "the inventory \(verdict)\n"
    }

    private static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

    private static func json(_ reading: InventoryReader.Reading) -> JSON {
        [
            "schema": "ebb.inventory.problems/1", "usable": .bool(reading.isUsable),
            "hosts": .count(reading.inventory.hosts.count),
            "problems": .array(
                reading.problems.map { problem in
                    [
                        "severity": .string(problem.severity.rawValue), "file": .optional(problem.location?.file),
                        "line": .optional(problem.location?.line) { .count($0) }, "message": .string(problem.message),
                        "hint": .optional(problem.hint),
                    ]
                }),
        ]
    }
}
