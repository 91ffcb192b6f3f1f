package import ArgumentParser

/// The root of the command line.
package struct EbbCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "ebb", abstract: "Orchestrates fleets of hosts that are erased at every boot.",
        discussion: """
            Ebb answers, over SSH and for a whole fleet: what would the next boot erase that nobody \
            has declared, did the last boot really erase, and can that be shown to somebody.

            Exit status: 0 all well, 1 ebb failed, 2 usage, 3 findings, 4 incomplete, \
            130 interrupted.
            """, version: version,
        subcommands: [
            InitCommand.self, InventoryCommand.self, DoctorCommand.self, DriftCommand.self, HistoryCommand.self,
            PersistenceCommand.self, DatasetsCommand.self, OnboardCommand.self, NixOSCommand.self, RebootCommand.self,
            RecoverCommand.self, PlayCommand.self, ScheduleCommand.self, ServeCommand.self, ComplianceCommand.self,
            RunCommand.self, DatabaseCommand.self,
        ]
    ).example("ebb drift web")

    /// The version, as `--version` prints it and evidence records it.
    package static let version = "0.1.0"

    package init() {}
}
