package import ArgumentParser

/// `ebb persistence`: what is declared, whether it is in effect, and moving data over.
package struct PersistenceCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "persistence", abstract: "Shows, verifies and adopts what survives the boots of a host.",
        subcommands: [
            PersistenceShowCommand.self, PersistenceVerifyCommand.self, PersistenceAdoptCommand.self,
            PersistenceSuggestCommand.self, PersistenceOrphansCommand.self,
        ]
    ).example("ebb persistence verify db1")

    package init() {}
}
