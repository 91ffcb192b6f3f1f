package import ArgumentParser

/// `ebb compliance`: whether each host meets its policy, and documents that show it.
package struct ComplianceCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "compliance", abstract: "Judges hosts against their policy and exports it.",
        subcommands: [ComplianceReportCommand.self, ComplianceExportCommand.self]
    ).example("ebb compliance report")

    package init() {}
}
