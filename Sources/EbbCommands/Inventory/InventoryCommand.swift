package import ArgumentParser

/// `ebb inventory`: what the inventory says, and whether it is right.
package struct InventoryCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "inventory", abstract: "Shows and checks the inventory.",
        subcommands: [InventoryList.self, InventoryShow.self, InventoryGraph.self, InventoryCheck.self]
    ).example("ebb inventory check")

    package init() {}
}
