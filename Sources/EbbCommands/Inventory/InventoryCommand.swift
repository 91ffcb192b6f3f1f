package import ArgumentParser

/// `ebb inventory`: what the inventory says, and whether it is right.
package struct InventoryCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "inventory", abstract: "Shows and checks the inventory.")

    package init() {}
}
