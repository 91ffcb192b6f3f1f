package import ArgumentParser

/// `ebb init`: the first files of a fleet.
package struct InitCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Writes the first inventory and playbooks of a fleet.")

    package init() {}
}
